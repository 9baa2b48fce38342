"""Where each block of a page stands: the loops over its elements.

Elements are numbered in the order of their start tags, so that each comes after its parent: one
pass forwards hands down what lies around an element, one backwards adds up what lies in it.
"""

import numpy as np

__all__ = ["around", "best", "block_numbers", "highest", "marked", "node_numbers", "steps"]


def node_numbers(nodes, dict tags):
    """Return int64 arrays of all elements: their parent (the root's is itself), end, depth, rank,
    the number that `tags` has for their tag, or -1, and one for their tag and names together."""
    cdef long long[:, ::1] row
    cdef Py_ssize_t number
    cdef dict ids = {}
    found = np.empty((6, len(nodes)), np.int64)
    row = found
    for number, node in enumerate(nodes):
        row[0, number] = max(0, node.parent)
        row[1, number] = node.end
        row[2, number] = node.depth
        row[3, number] = node.rank
        row[4, number] = tags.get(node.tag, -1)
        row[5, number] = ids.setdefault((node.tag, node.names), len(ids))
    return found


def block_numbers(blocks, dict kinds, dict tags):
    """Return int64 arrays of all blocks: the element around each, its holder, size, characters of
    links, and the numbers that `kinds` and `tags` have for its kind and tag, or -1."""
    cdef long long[:, ::1] row
    cdef Py_ssize_t number
    found = np.empty((6, len(blocks)), np.int64)
    row = found
    for number, block in enumerate(blocks):
        row[0, number] = block.node
        row[1, number] = block.holder
        row[2, number] = block.size
        row[3, number] = block.link
        row[4, number] = kinds[block.kind]
        row[5, number] = tags.get(block.tag, -1)
    return found


def marked(blocks):
    """Return which block has which mark, an int64 array of (block, mark), two by their number."""
    cdef Py_ssize_t number
    found = []
    for number, block in enumerate(blocks):
        for mark in block.marks:
            found.append(number)
            found.append(mark)
    return np.array(found, np.int64).reshape(-1, 2).T


def around(const long long[::1] tag, const long long[::1] parent, Py_ssize_t many):
    """Return in how many elements of each of `many` tags each element lies, itself included."""
    cdef Py_ssize_t node, kind
    cdef double[:, ::1] row
    found = np.zeros((many, len(tag)))
    row = found
    for node in range(len(tag)):
        for kind in range(many):
            row[kind, node] = (row[kind, parent[node]] if node else 0) + (tag[node] == kind)
    return found


def highest(const long long[::1] rank, const long long[::1] parent):
    """Return for each element which of those around it, itself included, has the highest rank, the
    innermost of equals."""
    cdef Py_ssize_t node
    cdef long long[::1] one
    found = np.zeros(len(rank), np.int64)
    one = found
    for node in range(1, len(rank)):
        one[node] = one[parent[node]]
        if rank[node] and rank[node] >= rank[one[node]]:
            one[node] = node
    return found


def best(double[::1] weight, const long long[::1] holder, const long long[::1] parent):
    """Return the element with most prose close to it: half of its weight goes to each parent."""
    cdef Py_ssize_t at, found = 0
    cdef double[::1] score = np.zeros(len(parent))
    for at in range(len(weight)):
        score[holder[at]] += weight[at]
    for at in range(len(parent) - 1, 0, -1):
        score[parent[at]] += score[at] / 2
    for at in range(1, len(parent)):
        if score[at] > score[found]:
            found = at
    return found


def steps(
    Py_ssize_t to, const long long[::1] holder, const long long[::1] parent,
    const long long[::1] depth,
):
    """Return the steps up from each block, and down from there, to the element `to`: float64."""
    cdef Py_ssize_t number, at, down = depth[to]
    cdef double[:, ::1] row
    cdef unsigned char[::1] is_above = np.zeros(len(parent), np.uint8)
    found = np.zeros((2, len(holder)))
    row = found
    while not is_above[to]:
        is_above[to] = True
        to = parent[to]
    for number in range(len(holder)):
        at = holder[number]
        while not is_above[at]:
            row[0, number] += 1
            at = parent[at]
        row[1, number] = down - depth[at]
    return found
