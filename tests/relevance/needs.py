"""Needs written by hand for the subjects of Reuters-21578, and the codes that answer them.

Each is a question or a description as a researcher would give it, the tags that an article must all
have to be relevant, and the places that it must all have. They say what is wanted in words that the
articles need not use; the agency's indexers, not the words, say what is relevant.
"""

from __future__ import annotations

Need = tuple[str, str, str]
"""(question, tags, places); tags and places are separated by spaces."""

NEEDS: tuple[Need, ...] = (
    (
        "What is being said about intervention by central banks to support the dollar?",
        "money-fx dlr",
        "",
    ),
    ("Find stories on the effects of the rising yen on Japanese exporters and industry", "yen", ""),
    (
        "How strong should the pound become? Views of the chancellor and of dealers on the rate that "
        "Britain would like to see for its currency",
        "stg",
        "",
    ),
    (
        "Describe the working of the European Monetary System: realignments, and whether its central "
        "banks step in often enough",
        "money-fx",
        "belgium",
    ),
    (
        "quarrel between Washington and Tokyo over microchips, dumping and punitive tariffs",
        "trade",
        "japan usa",
    ),
    (
        "South Korea's large export surplus and American pressure to open its market",
        "trade",
        "south-korea",
    ),
    (
        "What has Taiwan done to cut its surplus with the United States, for example by lowering "
        "tariffs?",
        "trade",
        "taiwan",
    ),
    (
        "Negotiations between Ottawa and Washington towards a free trade agreement, and complaints "
        "about subsidies",
        "trade",
        "canada usa",
    ),
    (
        "Do farm subsidies of the European Community and the United States lead to a trade war?",
        "trade grain",
        "",
    ),
    (
        "How did producing and consuming countries agree on rules for a buffer stock of cocoa?",
        "cocoa",
        "",
    ),
    (
        "Attempts to bring back export quotas for coffee and why producers could not agree",
        "coffee",
        "",
    ),
    (
        "Brazilian coffee: sales policy, frost, registrations and the size of the next crop",
        "coffee",
        "brazil",
    ),
    ("The tin council's collapse, its creditors, and the quotas of producing countries", "tin", ""),
    (
        "A new international pact on natural rubber with reference prices that trigger buying",
        "rubber",
        "",
    ),
    (
        "Sugar from beet and cane: planting forecasts, world surplus, and tenders for export licences",
        "sugar",
        "",
    ),
    ("Tea auctions and what is offered and bought there", "tea", ""),
    (
        "Earthquake that broke the pipeline of Ecuador and stopped its exports of oil",
        "crude",
        "ecuador",
    ),
    (
        "Will Saudi Arabia keep to the production ceiling and the official prices of OPEC?",
        "crude",
        "saudi-arabia",
    ),
    ("Venezuela's oil: output, reserves, prices and partners in refining", "crude", "venezuela"),
    (
        "Norwegian petroleum: new North Sea fields, investments, and support for OPEC's cuts",
        "crude",
        "norway",
    ),
    (
        "protection for Kuwaiti tankers in the Gulf under foreign flags and attacks on them",
        "ship",
        "kuwait",
    ),
    ("Strikes by seamen and port workers in Brazil and the navy's answer", "ship", "brazil"),
    (
        "Dockers and seafarers in Europe refuse to work: Rotterdam cargo dispute and redundancies",
        "ship",
        "netherlands",
    ),
    (
        "Does the Bundesbank intend to lower its discount and Lombard rates?",
        "interest",
        "west-germany",
    ),
    (
        "Cuts in base lending rates by British banks and signals of the Bank of England",
        "interest",
        "uk",
    ),
    ("Will the Bank of Japan reduce the official discount rate once more?", "interest", "japan"),
    (
        "What do French authorities do about the price of money: intervention and base rates",
        "interest",
        "france",
    ),
    (
        "growth of the German central bank money stock beyond its target",
        "money-supply",
        "west-germany",
    ),
    ("Money supply of Taiwan and capital flowing into the country", "money-supply", "taiwan"),
    ("How many people are out of work in Britain, adjusted for the season?", "jobs", "uk"),
    ("unemployment in the United States, payrolls and new jobs", "jobs", "usa"),
    ("Joblessness in West Germany in winter months", "jobs", "west-germany"),
    ("Inflation in Brazil, the price freeze that failed, and consumer prices", "cpi", "brazil"),
    ("Are consumer prices in France rising faster than the government's target?", "cpi", "france"),
    ("Wholesale prices month by month and compared with the year before", "wpi", ""),
    (
        "Is the West German economy growing as forecast? Expectations of institutes and ministers",
        "gnp",
        "west-germany",
    ),
    ("Measures by the Japanese government to stimulate domestic demand and growth", "gnp", "japan"),
    ("Retail sales: are shoppers spending more?", "retail", ""),
    ("how many houses were begun to be built, permits, and mortgages", "housing", ""),
    ("Composite index of leading indicators pointing to expansion or slowdown", "lei", ""),
    ("Personal income and what consumers spend and save", "income", ""),
    ("Orders and stocks held by businesses, inventories of manufacturers", "inventories", ""),
    ("Current account balance of Italy or Spain, imports and exports", "bop", "italy"),
    ("Gold and foreign exchange holdings of nations, reserves rising or falling", "reserves", ""),
    ("Did the Soviet Union buy subsidised American wheat?", "wheat", "ussr"),
    ("China's harvest of grain and imports of wheat and maize", "grain", "china"),
    ("Argentine harvest of grain, shipments and sowing", "grain", "argentina"),
    ("French cereals: export licences, maize levies and Spanish market", "corn", "france"),
    ("Rice exports of Thailand and competition with American growers", "rice", "thailand"),
    ("cotton plantings and exports, pests and subsidies", "cotton", ""),
    ("orange juice from Brazil, duties against dumping, and freeze in Florida", "orange", ""),
    ("Palm oil from Malaysia and Indonesia: production, prices and taxes", "palm-oil", ""),
    ("Rapeseed and its oil: Canadian crop and Japanese crushers' buying", "rapeseed", ""),
    ("Sunflower seed harvests, crushing and exports", "sunseed", ""),
    ("Opposition to a levy on vegetable and marine oils and fats in Europe", "veg-oil", "belgium"),
    (
        "How many hogs and cattle do farmers keep? reports on herds and slaughter",
        "livestock",
        "usa",
    ),
    ("Beef and other meat: import quotas of Japan, hormones, inspection", "carcass", ""),
    ("Wood: American duty on softwood lumber from Canada", "lumber", ""),
    ("prospectors and mines in Australia that found or produce gold", "gold", "australia"),
    ("Miners' union, accidents and production in South African gold mines", "gold", "south-africa"),
    ("Copper: strikes, smelters and mines in Chile, Peru, Zambia and Canada", "copper", ""),
    ("zinc and lead producers, closures of smelters and price changes", "zinc", ""),
    ("Aluminium smelters, stocks and prices, restarting of idle capacity", "alum", ""),
    ("Steel makers: loss of jobs, quotas, mergers and plants closed", "iron-steel", ""),
    ("nickel and platinum metals, their discovery and demand", "nickel", ""),
    (
        "Cobalt, uranium, tungsten and other metals a country stores for defence",
        "strategic-metal",
        "",
    ),
    ("Why have Peru and Mexico stopped selling silver?", "silver", ""),
    ("Natural gas from Canada sold to American utilities by pipeline", "nat-gas", "canada"),
    ("Petrochemicals, ethylene and plastics plants to be built or sold", "pet-chem", ""),
    ("Gasoline: stocks, lead content, octane and prices at service stations", "gas", ""),
    ("heating oil prices raised or lowered by refiners", "heat", ""),
    ("exchange rate of the Australian or New Zealand dollar and what their banks do", "nzdlr", ""),
)
