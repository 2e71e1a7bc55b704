// codegen/export_runtime.h -- what exported host code needs at run time, in place of runtime/host_support.h.
#pragma once

namespace heddle {

/// LLVM IR over libc alone. A call's reports are one i64, the number of the first failed check or -1; values of a
/// failed check are not kept.
inline constexpr const char* export_runtime = R"(
declare ptr @aligned_alloc(i64, i64)
declare void @free(ptr)
declare void @abort()
declare i32 @dprintf(i32, ptr, ...)
declare i64 @llvm.smax.i64(i64, i64)

@out_of_memory = private constant [40 x i8] c"out of memory for a tile of %lld bytes\0A\00"
@label = private constant [3 x i8] c"%s\00"
@first = private constant [7 x i8] c": %.9g\00"
@next = private constant [7 x i8] c", %.9g\00"
@end = private constant [2 x i8] c"\0A\00"

define ptr @heddle_rt_allocate(i64 %bytes) {
  %some = call i64 @llvm.smax.i64(i64 %bytes, i64 1)
  %more = add i64 %some, 63
  %rounded = and i64 %more, -64
  %memory = call ptr @aligned_alloc(i64 64, i64 %rounded)
  %none = icmp eq ptr %memory, null
  br i1 %none, label %failed, label %done
failed:
  %printed = call i32 (i32, ptr, ...) @dprintf(i32 2, ptr @out_of_memory, i64 %bytes)
  call void @abort()
  unreachable
done:
  ret ptr %memory
}

define void @heddle_rt_release(ptr %memory) {
  call void @free(ptr %memory)
  ret void
}

; arguments: {buffers, sizes, pool, reports}
define void @heddle_rt_fail(ptr %arguments, i64 %check, i64 %count, ptr %values) {
  %place = getelementptr ptr, ptr %arguments, i64 3
  %reports = load ptr, ptr %place
  %before = cmpxchg ptr %reports, i64 -1, i64 %check monotonic monotonic
  ret void
}

define void @heddle_rt_print(i32 %condition, ptr %label, i64 %count, ptr %shown) {
entry:
  %wanted = icmp ne i32 %condition, 0
  br i1 %wanted, label %begin, label %done
begin:
  %a = call i32 (i32, ptr, ...) @dprintf(i32 2, ptr @label, ptr %label)
  br label %test
test:
  %i = phi i64 [ 0, %begin ], [ %i.next, %value ]
  %again = icmp slt i64 %i, %count
  br i1 %again, label %value, label %last
value:
  %is_first = icmp eq i64 %i, 0
  %format = select i1 %is_first, ptr @first, ptr @next
  %address = getelementptr double, ptr %shown, i64 %i
  %number = load double, ptr %address
  %b = call i32 (i32, ptr, ...) @dprintf(i32 2, ptr %format, double %number)
  %i.next = add i64 %i, 1
  br label %test
last:
  %c = call i32 (i32, ptr, ...) @dprintf(i32 2, ptr @end)
  br label %done
done:
  ret void
}

define void @heddle_rt_serial(ptr %self, i64 %count, ptr %task, ptr %context) {
  call void %task(ptr %context, i64 0, i64 %count)
  ret void
}
)";

}  // namespace heddle
