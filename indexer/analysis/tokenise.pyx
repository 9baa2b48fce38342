"""The tokeniser of the indexing path, compiled: UTF-8 text in, numbers of chunks out.

It finds the same chunks as the regular expression of `indexer.analysis.analyser` and looks each up
in an open-addressing table, see `indexer.analysis.vocabulary`, which holds the table's arrays.
"""

from libc.stdint cimport int64_t, uint8_t, uint32_t, uint64_t

cimport numpy as cnp
from corpus.core.arrays cimport i64, i64_out, rows_of, size_of, u8, u8_out, u32, u32_out

__all__ = ["BREAK_NUMBER", "ROOM", "chunks", "rehash"]

cdef enum:
    MAX_CHUNK = 64

cpdef enum:
    BREAK_NUMBER = 0  # stands between paragraphs in the output
    ROOM = 2 * MAX_CHUNK  # bytes that must be free in the pool before a chunk is read

cdef uint64_t _SEED = 14695981039346656037u
cdef uint64_t _PRIME = 1099511628211u


cdef Tables tables_of(cnp.ndarray classes, cnp.ndarray folds, cnp.ndarray folded) except *:
    """Return the checked tables of characters."""
    cdef Tables tables
    tables.classes = u8(classes)
    tables.size = size_of(classes)
    tables.folds = u32(folds)
    tables.folded = u8(folded)
    return tables


cdef int64_t _letter(
    const uint8_t* text, int64_t at, int64_t end, const Tables* tables
) noexcept nogil:
    """Return where the single letter (with its marks) that begins here ends, or -1."""
    cdef Char char = class_at(text, at, end, tables)
    if char.code != LETTER:
        return -1
    return run_end(text, at + char.size, end, tables, MARK)


cdef int64_t _piece(
    const uint8_t* text, int64_t at, int64_t end, const Tables* tables
) noexcept nogil:
    """Return where a run of one or two letters that begins here ends, -1 where it is longer."""
    cdef int64_t one = _letter(text, at, end, tables), two
    if one < 0:
        return -1
    two = _letter(text, one, end, tables)
    if two < 0:
        return one
    return -1 if class_at(text, two, end, tables).code == LETTER else two


cdef int64_t _initials(
    const uint8_t* text, int64_t at, int64_t end, const Tables* tables
) noexcept nogil:
    """Return where initials such as ``U.S`` or ``Ph.D`` that begin here end, or -1."""
    cdef int64_t reached = _piece(text, at, end, tables), count = 0, after
    cdef Char char
    if reached < 0:
        return -1
    while count < 15:
        char = class_at(text, reached, end, tables)
        if char.code != PERIOD:
            break
        after = _piece(text, reached + char.size, end, tables)
        if after < 0:
            break
        reached = after
        count += 1
    return reached if count else -1


cdef int64_t _signed(
    const uint8_t* text, int64_t at, int64_t end, const Tables* tables
) noexcept nogil:
    """Return where a name such as ``C++`` or ``C#`` that begins here ends, or -1."""
    cdef int64_t reached = _piece(text, at, end, tables)
    cdef Char sign, after
    if reached < 0:
        return -1
    sign = class_at(text, reached, end, tables)
    reached += sign.size
    after = class_at(text, reached, end, tables)
    if sign.code == HASH:
        if after.code == LETTER or after.code == DIGIT or after.code == HASH:
            return -1
        return reached
    if sign.code != PLUS or after.code != PLUS:
        return -1
    reached += after.size
    after = class_at(text, reached, end, tables)
    return -1 if after.code == LETTER or after.code == PLUS else reached


cdef int64_t _few_letters(
    const uint8_t* text, int64_t at, int64_t end, const Tables* tables
) noexcept nogil:
    """Return where a run of one to three letters that begins here ends, or -1."""
    cdef int64_t count = 0, after
    while count < 4:
        after = _letter(text, at, end, tables)
        if after < 0:
            break
        at = after
        count += 1
    return at if 0 < count < 4 else -1


cdef int64_t _ampersands(
    const uint8_t* text, int64_t at, int64_t end, const Tables* tables
) noexcept nogil:
    """Return where a name such as ``AT&T`` that begins here ends, or -1."""
    cdef int64_t reached = _few_letters(text, at, end, tables), found = -1
    cdef Char char
    if reached < 0:
        return -1
    for _ in range(3):
        char = class_at(text, reached, end, tables)
        if char.code != AMPERSAND:
            break
        reached = _few_letters(text, reached + char.size, end, tables)
        if reached < 0:
            break
        found = reached
    return found


cdef int64_t chunk_end(
    const uint8_t* text, int64_t at, int64_t end, const Tables* tables, int64_t kind, int64_t size
) noexcept nogil:
    """Return where the chunk that begins here with a character of class `kind` ends."""
    cdef int64_t reached, found, hyphen = -1
    cdef Char sign, after
    if kind == UNIGRAM:
        return run_end(text, at + size, end, tables, MARK)
    reached = run_end(text, at + size, end, tables, kind)
    if kind == DIGIT:
        for _ in range(7):
            sign = class_at(text, reached, end, tables)
            if sign.code != PERIOD and sign.code != COMMA:
                break
            after = class_at(text, reached + sign.size, end, tables)
            if after.code != DIGIT:
                break
            reached = run_end(text, reached + sign.size + after.size, end, tables, DIGIT)
        return reached
    sign = class_at(text, reached, end, tables)
    if sign.code == PERIOD:
        return max(reached, _initials(text, at, end, tables))
    if sign.code == AMPERSAND:
        return max(reached, _ampersands(text, at, end, tables))
    if sign.code == PLUS or sign.code == HASH:
        return max(reached, _signed(text, at, end, tables))
    for _ in range(7):
        if sign.code != APOSTROPHE and sign.code != HYPHEN:
            break
        after = class_at(text, reached + sign.size, end, tables)
        if after.code != LETTER:
            break
        if sign.code == HYPHEN:
            if (
                _initials(text, reached + sign.size, end, tables) >= 0
                or _ampersands(text, reached + sign.size, end, tables) >= 0
            ):
                break
            if hyphen < 0:
                hyphen = reached
        reached = run_end(text, reached + sign.size + after.size, end, tables, LETTER)
        sign = class_at(text, reached, end, tables)
    return hyphen if hyphen >= 0 and reached - at > MAX_CHUNK else reached


cdef int64_t _fold_into(
    uint8_t* pool, int64_t top, const uint8_t* text, int64_t at, int64_t end, const Tables* tables
) noexcept nogil:
    """Write the folded chunk to the pool; returns where it ends there."""
    cdef int64_t limit = top + MAX_CHUNK, row, length, first, byte
    cdef Char char
    while at < end:
        char = decode(text, at)
        at += char.size
        if char.code >= tables.size:
            continue
        row = tables.folds[char.code]
        length = row & 31
        if top + length > limit:
            break
        first = row >> 5
        pool[top] = tables.folded[first]
        for byte in range(1, length):
            pool[top + byte] = tables.folded[first + byte]
        top += length
    return top


cdef inline bint _joining(uint8_t kind) noexcept nogil:
    return kind == MARK or kind >= APOSTROPHE and kind != BREAK


cdef struct Keys:
    # The chunks that are known: `indexer.analysis.vocabulary.ChunkTable`.
    uint8_t* pool
    int64_t pool_size
    int64_t* keys
    int64_t keys_size
    uint32_t* slots
    uint64_t mask
    int64_t* state


def chunks(
    table, cnp.ndarray text, cnp.ndarray ends, cnp.ndarray languages, cnp.ndarray out,
    cnp.ndarray out_ends,
):
    """Number the chunks of texts that lie one after the other; goes on where the state says.

    table: an `indexer.analysis.vocabulary.ChunkTable`; text: uint8[]; ends: int64[n], where each ends;
    languages: uint8[n], part of the key. The function returns early, with state[0] < n, when pool,
    keys or slots have to grow.

    Runs of ASCII letters or digits with nothing joined to them are nearly all there is: they are
    folded, hashed and looked up here, in one loop without a call, four times as fast.
    """
    cdef const uint8_t* text_ = u8(text)
    cdef const int64_t* ends_ = i64(ends)
    cdef const uint8_t* languages_ = u8(languages)
    cdef cnp.ndarray pool = table.pool, keys = table.borders, slots = table.slots
    cdef cnp.ndarray state = table.state
    cdef Tables tables = tables_of(table.tables[0], table.tables[1], table.tables[2])
    cdef Keys known = [
        u8_out(pool), size_of(pool), i64_out(keys), size_of(keys), u32_out(slots),
        size_of(slots) - 1, i64_out(state),
    ]
    cdef uint32_t* out_ = u32_out(out)
    cdef int64_t* out_ends_ = i64_out(out_ends)
    cdef int64_t n = rows_of(ends)
    with nogil:
        _chunks(text_, ends_, n, languages_, &tables, &known, out_, out_ends_)


cdef void _chunks(
    const uint8_t* text, const int64_t* ends, int64_t n, const uint8_t* languages,
    const Tables* tables, const Keys* known, uint32_t* out, int64_t* out_ends,
) noexcept nogil:
    cdef uint8_t* pool = known.pool
    cdef int64_t* keys = known.keys
    cdef uint32_t* slots = known.slots
    cdef int64_t* state = known.state
    cdef int64_t pool_size = known.pool_size, keys_size = known.keys_size
    cdef uint64_t mask = known.mask
    cdef int64_t part = state[0], at = state[1], written = state[2], used = state[3]
    cdef int64_t top = keys[used + 1], end, reached, after, limit, length, number, first, place
    cdef uint64_t code, slot
    cdef uint8_t byte
    cdef Char char
    while part < n:
        end = ends[part]
        while at < end:
            byte = text[at]
            if byte < 128:
                char.code = tables.classes[byte]
                char.size = 1
            else:
                char = class_at(text, at, end, tables)
            if char.code != LETTER and char.code != DIGIT and char.code != UNIGRAM:
                if char.code == BREAK:
                    out[written] = BREAK_NUMBER
                    written += 1
                at += char.size
                continue
            if top + ROOM > pool_size or used + 3 > keys_size or <uint64_t> (2 * used) > mask:
                state[0], state[1], state[2], state[3] = part, at, written, used
                return
            pool[top] = languages[part]
            code = (_SEED ^ languages[part]) * _PRIME
            reached = top + 1
            after = at
            limit = min(end, at + MAX_CHUNK)
            while after < limit:
                byte = text[after]
                if byte >= 128 or tables.classes[byte] != char.code:
                    break
                byte = tables.folded[tables.folds[byte] >> 5]
                pool[reached] = byte
                code = (code ^ byte) * _PRIME
                reached += 1
                after += 1
            if after < end:
                byte = text[after]
                if byte >= 128 or after == limit or _joining(tables.classes[byte]):
                    after = chunk_end(text, at, end, tables, char.code, char.size)
                    reached = _fold_into(pool, top + 1, text, at, after, tables)
                    code = _SEED
                    for place in range(top, reached):
                        code = (code ^ pool[place]) * _PRIME
            at = after
            code ^= code >> 29
            slot = code & mask
            length = reached - top
            while True:
                number = slots[slot]
                if number == 0:
                    used += 1
                    number = used
                    slots[slot] = <uint32_t> used
                    top = reached
                    keys[used + 1] = top
                    break
                first = keys[number]
                if keys[number + 1] - first == length:
                    place = 0
                    while place < length and pool[first + place] == pool[top + place]:
                        place += 1
                    if place == length:
                        break
                slot = (slot + 1) & mask
            out[written] = <uint32_t> number
            written += 1
        out_ends[part] = written
        part += 1
    state[0], state[1], state[2], state[3] = part, at, written, used


def rehash(cnp.ndarray pool, cnp.ndarray keys, int64_t used, cnp.ndarray slots):
    """Enter all keys, which are distinct, into empty slots."""
    cdef const uint8_t* pool_ = u8(pool)
    cdef const int64_t* keys_ = i64(keys)
    cdef uint32_t* slots_ = u32_out(slots)
    cdef uint64_t mask = size_of(slots) - 1, code, slot
    cdef int64_t number, at
    with nogil:
        for number in range(1, used + 1):
            code = _SEED  # FNV-1a, its low bits mixed
            for at in range(keys_[number], keys_[number + 1]):
                code = (code ^ pool_[at]) * _PRIME
            slot = (code ^ (code >> 29)) & mask
            while slots_[slot] != 0:
                slot = (slot + 1) & mask
            slots_[slot] = <uint32_t> number
