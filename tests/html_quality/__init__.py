"""Measure and train the reader of pages on the shared development pages.

`pages` loads them and splits them by site, `measures` scores text and fields as the public
benchmarks do, `labels` tells which blocks of a page are text, `train` writes the model and its card
(`make train-pages`), and `compare` prints ours beside other extractors.
"""
