"""How compiled modules take numpy arrays: as pointers, once their type and layout are checked.

Each function takes an array and returns the address of its first element. It raises TypeError where
the array is not of that type, not C-contiguous or not in the byte order of the machine; those that
end in ``_out`` want one that may be written to. A check takes a nanosecond or two, where a typed
memory view takes a hundred. Callers keep the array alive and know its size.
"""

cimport numpy as cnp
from libc.stdint cimport (
    int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t,
)
from libc.stdlib cimport calloc, malloc, realloc

cdef extern from *:
    int trailing_zeros "__builtin_ctzll" (uint64_t) noexcept nogil
    int count_ones "__builtin_popcountll" (uint64_t) noexcept nogil


cdef inline void* _checked(cnp.ndarray array, int kind, bint written) except? NULL:
    if cnp.PyArray_TYPE(array) != kind or not (
        cnp.PyArray_ISCARRAY(array) if written else cnp.PyArray_ISCARRAY_RO(array)
    ):
        raise TypeError(
            f"A compiled function was given {array.dtype}{list((<object> array).shape)} "
            f"with {(<object> array).flags}."
        )
    return cnp.PyArray_DATA(array)


cdef inline const uint8_t* u8(cnp.ndarray array) except? NULL:
    """uint8[], or bool[]."""
    return <const uint8_t*> _checked(
        array, cnp.NPY_BOOL if cnp.PyArray_TYPE(array) == cnp.NPY_BOOL else cnp.NPY_UINT8, False
    )


cdef inline const uint16_t* u16(cnp.ndarray array) except? NULL:
    return <const uint16_t*> _checked(array, cnp.NPY_UINT16, False)


cdef inline const uint32_t* u32(cnp.ndarray array) except? NULL:
    return <const uint32_t*> _checked(array, cnp.NPY_UINT32, False)


cdef inline const uint64_t* u64(cnp.ndarray array) except? NULL:
    return <const uint64_t*> _checked(array, cnp.NPY_UINT64, False)


cdef inline const int32_t* i32(cnp.ndarray array) except? NULL:
    return <const int32_t*> _checked(array, cnp.NPY_INT32, False)


cdef inline const int64_t* i64(cnp.ndarray array) except? NULL:
    return <const int64_t*> _checked(array, cnp.NPY_INT64, False)


cdef inline const float* f32(cnp.ndarray array) except? NULL:
    return <const float*> _checked(array, cnp.NPY_FLOAT32, False)


cdef inline uint8_t* u8_out(cnp.ndarray array) except? NULL:
    return <uint8_t*> _checked(array, cnp.NPY_UINT8, True)


cdef inline uint16_t* u16_out(cnp.ndarray array) except? NULL:
    return <uint16_t*> _checked(array, cnp.NPY_UINT16, True)


cdef inline uint32_t* u32_out(cnp.ndarray array) except? NULL:
    return <uint32_t*> _checked(array, cnp.NPY_UINT32, True)


cdef inline uint64_t* u64_out(cnp.ndarray array) except? NULL:
    return <uint64_t*> _checked(array, cnp.NPY_UINT64, True)


cdef inline int32_t* i32_out(cnp.ndarray array) except? NULL:
    return <int32_t*> _checked(array, cnp.NPY_INT32, True)


cdef inline int64_t* i64_out(cnp.ndarray array) except? NULL:
    return <int64_t*> _checked(array, cnp.NPY_INT64, True)


cdef inline float* f32_out(cnp.ndarray array) except? NULL:
    return <float*> _checked(array, cnp.NPY_FLOAT32, True)


cdef inline int64_t size_of(cnp.ndarray array) noexcept:
    """Return how many elements an array has."""
    return cnp.PyArray_SIZE(array)


cdef inline int64_t rows_of(cnp.ndarray array) noexcept:
    """Return the length of an array's first dimension."""
    return cnp.PyArray_DIM(array, 0)


cdef inline void* room(size_t size) except NULL:
    """Return memory of `size` bytes, which the caller gives back with `free`."""
    cdef void* made = malloc(size if size else 1)
    if made == NULL:
        raise MemoryError
    return made


cdef inline void* zeros(size_t size) except NULL:
    """Return `room` that is all 0."""
    cdef void* made = calloc(size if size else 1, 1)
    if made == NULL:
        raise MemoryError
    return made


cdef inline void* larger(void* before, size_t size) except NULL:
    """Return memory of `size` bytes that begins with what was in `before`, which it replaces."""
    cdef void* made = realloc(before, size)
    if made == NULL:
        raise MemoryError
    return made
