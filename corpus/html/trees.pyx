"""The loop of boosted trees: which leaf of each tree each row ends in, summed.

The rows are in the innermost loop, which then works on as many of them at a time as the processor
has room for in a register.
"""

from libc.stdlib cimport free

from corpus.core.arrays cimport room, trailing_zeros

__all__ = ["add_scores"]


def add_scores(
    const float[:, ::1] columns, const short[:, ::1] feature, const float[:, ::1] threshold,
    const unsigned int[:, ::1] leaves, const double[:, ::1] value, double[::1] score,
):
    """Add to `score`, by row, the value of the leaf of each tree that the row ends in.

    `columns` has a line for each feature, with the value of each row; the rest is as
    `corpus.html.model.Trees` has it.
    """
    cdef:
        Py_ssize_t rows = score.shape[0], tree, split, row
        const float* column
        float limit
        unsigned int mask, every = <unsigned int> -1
        unsigned int* reached = <unsigned int*> room(4 * rows)
    for tree in range(feature.shape[1]):
        for row in range(rows):
            reached[row] = every
        for split in range(feature.shape[0]):
            column = &columns[0, 0] + feature[split, tree] * rows
            limit = threshold[split, tree]
            mask = leaves[split, tree]
            for row in range(rows):
                reached[row] &= mask if column[row] > limit else every
        for row in range(rows):
            score[row] += value[trailing_zeros(reached[row]), tree]
    free(reached)
