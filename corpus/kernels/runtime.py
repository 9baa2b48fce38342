"""What numba's runtime does for the arrays and lists that a kernel makes for itself.

Their memory is described by a header, numba's NRT_MemInfo (numba/core/runtime/nrt.h): the count of
references, a destructor and its argument, the address of the data, its size, an allocator. An
array's data lies behind its header, in the same piece of memory. A list's lies elsewhere, so that
it may grow; its destructor is here the number 1, and the argument what to call for its elements.
The arrays that a kernel is given have no header, which numba's code takes as "not counted".
"""

from __future__ import annotations

__all__ = ["RUNTIME"]

RUNTIME = """
%header = type { i64, i64, ptr, ptr, i64, ptr }

declare ptr @malloc(i64)
declare ptr @realloc(ptr, i64)
declare void @free(ptr)

define ptr @NRT_Allocate(i64 %size) {
  %made = call ptr @malloc(i64 %size)
  ret ptr %made
}

define void @NRT_Free(ptr %data) {
  call void @free(ptr %data)
  ret void
}

define ptr @NRT_MemInfo_alloc_aligned(i64 %size, i32 %alignment) {
  %step = zext i32 %alignment to i64
  %room = add i64 %step, 48
  %whole = add i64 %size, %room
  %made = call ptr @malloc(i64 %whole)
  %none = icmp eq ptr %made, null
  br i1 %none, label %end, label %fill
fill:
  %start = ptrtoint ptr %made to i64
  %above = add i64 %start, %room
  %last = sub i64 %above, 1
  %rest = urem i64 %last, %step
  %address = sub i64 %last, %rest
  %data = inttoptr i64 %address to ptr
  call void @fill(ptr %made, i64 0, ptr null, ptr %data, i64 %size)
  br label %end
end:
  ret ptr %made
}

define ptr @NRT_MemInfo_alloc_safe_aligned(i64 %size, i32 %alignment) {
  %made = call ptr @NRT_MemInfo_alloc_aligned(i64 %size, i32 %alignment)
  ret ptr %made
}

define ptr @NRT_MemInfo_alloc(i64 %size) {
  %made = call ptr @NRT_MemInfo_alloc_aligned(i64 %size, i32 16)
  ret ptr %made
}

define ptr @NRT_MemInfo_alloc_safe(i64 %size) {
  %made = call ptr @NRT_MemInfo_alloc_aligned(i64 %size, i32 16)
  ret ptr %made
}

define ptr @NRT_MemInfo_new_varsize(i64 %size) {
  %made = call ptr @NRT_MemInfo_new_varsize_dtor(i64 %size, ptr null)
  ret ptr %made
}

define ptr @NRT_MemInfo_new_varsize_dtor(i64 %size, ptr %release) {
  %made = call ptr @malloc(i64 48)
  %none = icmp eq ptr %made, null
  br i1 %none, label %end, label %more
more:
  %data = call ptr @malloc(i64 %size)
  %no.data = icmp eq ptr %data, null
  br i1 %no.data, label %give.back, label %fill
give.back:
  call void @free(ptr %made)
  br label %end
fill:
  call void @fill(ptr %made, i64 1, ptr %release, ptr %data, i64 %size)
  br label %end
end:
  %found = phi ptr [ null, %0 ], [ null, %give.back ], [ %made, %fill ]
  ret ptr %found
}

define ptr @NRT_MemInfo_varsize_realloc(ptr %header, i64 %size) {
  %place = getelementptr %header, ptr %header, i32 0, i32 3
  %before = load ptr, ptr %place
  %data = call ptr @realloc(ptr %before, i64 %size)
  %none = icmp eq ptr %data, null
  br i1 %none, label %end, label %keep
keep:
  store ptr %data, ptr %place
  %length = getelementptr %header, ptr %header, i32 0, i32 4
  store i64 %size, ptr %length
  br label %end
end:
  ret ptr %data
}

define void @NRT_MemInfo_call_dtor(ptr %header) {
  %place = getelementptr %header, ptr %header, i32 0, i32 1
  %kind = load i64, ptr %place
  %is.list = icmp ne i64 %kind, 0
  br i1 %is.list, label %list, label %end
list:
  %data.place = getelementptr %header, ptr %header, i32 0, i32 3
  %data = load ptr, ptr %data.place
  %release.place = getelementptr %header, ptr %header, i32 0, i32 2
  %release = load ptr, ptr %release.place
  %no.release = icmp eq ptr %release, null
  br i1 %no.release, label %data.free, label %elements
elements:
  call void %release(ptr %data)
  br label %data.free
data.free:
  call void @free(ptr %data)
  br label %end
end:
  call void @free(ptr %header)
  ret void
}

define private void @fill(ptr %header, i64 %kind, ptr %release, ptr %data, i64 %size) {
  store i64 1, ptr %header
  %1 = getelementptr %header, ptr %header, i32 0, i32 1
  store i64 %kind, ptr %1
  %2 = getelementptr %header, ptr %header, i32 0, i32 2
  store ptr %release, ptr %2
  %3 = getelementptr %header, ptr %header, i32 0, i32 3
  store ptr %data, ptr %3
  %4 = getelementptr %header, ptr %header, i32 0, i32 4
  store i64 %size, ptr %4
  %5 = getelementptr %header, ptr %header, i32 0, i32 5
  store ptr null, ptr %5
  ret void
}
"""
"""LLVM's assembly of the functions that numba's code calls for memory."""
