"""What is fast, and how fast: figures as ratios within one run.

`python -m bench` runs every module here that has a `main`; `python -m bench codec`
runs one. Absolute figures are those of one machine at one time; ratios travel.
"""
