"""Wire copy appears in many outlets: which articles are versions of one story.

`sign` turns articles into signatures of 64 bytes each, in batches: six keys by which possible
versions are found, and a sketch that tells how much of their text two articles share. `cluster`
takes the signatures of new articles and those of an archive, and returns which cluster each new
article belongs to. The measure is the share of the shorter text that is in the longer one, so that
a copy cut to half its length is found, while reports that only follow the same pattern are not.
"""
