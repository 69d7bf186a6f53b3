"""library: what every program in native code needs, as LLVM's text.

Calls that are the same for all programs, the walk through a table of calls, the
rows' forward functions, and the domains of rows on lists.
"""

from .translate import (
    LIST,
    WHOLE,
    Code,
    Size,
    Term,
    Translator,
    domain_expression,
    function,
    lanes,
    library_functions,
    list_domains,
)

CALLS = """
define void @gather(ptr %v, ptr %a, ptr %m, ptr %s) #0 {
entry:
%z0 = load i64, ptr %a
%z = getelementptr double, ptr %v, i64 %z0
%na = getelementptr i64, ptr %a, i64 1
%n = load i64, ptr %na
%table = getelementptr i64, ptr %a, i64 2
br label %head
head:
%i = phi i64 [0, %entry], [%j, %head]
%p = getelementptr i64, ptr %table, i64 %i
%k = load i64, ptr %p
%q = getelementptr double, ptr %v, i64 %k
%x = load double, ptr %q
%w = getelementptr double, ptr %z, i64 %i
store double %x, ptr %w
%j = add i64 %i, 1
%more = icmp ult i64 %j, %n
br i1 %more, label %head, label %done
done:
ret void
}

define void @listed(ptr %v, ptr %a, ptr %m, ptr %s) #0 {
entry:
%z0 = load i64, ptr %a
%z = getelementptr double, ptr %v, i64 %z0
%pa = getelementptr i64, ptr %a, i64 1
%place = load i64, ptr %pa
%la = getelementptr i64, ptr %a, i64 2
%lanes = load i64, ptr %la
%ba = getelementptr i64, ptr %a, i64 3
%base = load i64, ptr %ba
%na = getelementptr i64, ptr %a, i64 4
%n = load i64, ptr %na
%slot = getelementptr ptr, ptr %m, i64 %place
%f = load ptr, ptr %slot
%x0 = getelementptr double, ptr %v, i64 %base
br label %head
head:
%i = phi i64 [0, %entry], [%j, %head]
%at = mul i64 %i, %n
%x = getelementptr double, ptr %x0, i64 %at
%r = call double %f(ptr %m, ptr %s, ptr %x, i64 %n)
%w = getelementptr double, ptr %z, i64 %i
store double %r, ptr %w
%j = add i64 %i, 1
%more = icmp ult i64 %j, %lanes
br i1 %more, label %head, label %done
done:
ret void
}

define void @tested(ptr %v, ptr %a, ptr %m, ptr %s) #0 {
entry:
%pa = getelementptr i64, ptr %a, i64 1
%place = load i64, ptr %pa
%la = getelementptr i64, ptr %a, i64 2
%lanes = load i64, ptr %la
%ba = getelementptr i64, ptr %a, i64 3
%base = load i64, ptr %ba
%na = getelementptr i64, ptr %a, i64 4
%n = load i64, ptr %na
%slot = getelementptr ptr, ptr %m, i64 %place
%f = load ptr, ptr %slot
%flag = getelementptr double, ptr %s, i64 -1
%x0 = getelementptr double, ptr %v, i64 %base
br label %head
head:
%i = phi i64 [0, %entry], [%j, %on]
%at = mul i64 %i, %n
%x = getelementptr double, ptr %x0, i64 %at
%r = call double %f(ptr %m, ptr %s, ptr %x, i64 %n)
%outside = fcmp une double %r, 0.0
br i1 %outside, label %bad, label %on
bad:
store double 1.0, ptr %flag
br label %on
on:
%j = add i64 %i, 1
%more = icmp ult i64 %j, %lanes
br i1 %more, label %head, label %done
done:
ret void
}

define i64 @run(ptr %v, ptr %calls, i64 %n, ptr %m, ptr %s) #0 {
entry:
%flag = getelementptr double, ptr %s, i64 -1
store double 0.0, ptr %flag
%some = icmp ugt i64 %n, 0
br i1 %some, label %head, label %done
head:
%i = phi i64 [0, %entry], [%j, %head]
%c = getelementptr i64, ptr %calls, i64 %i
%f = load ptr, ptr %c
%sizes = getelementptr i64, ptr %c, i64 1
%size = load i64, ptr %sizes
%a = getelementptr i64, ptr %c, i64 2
call void %f(ptr %v, ptr %a, ptr %m, ptr %s)
%j = add i64 %i, %size
%more = icmp ult i64 %j, %n
br i1 %more, label %head, label %done
done:
%r = load double, ptr %flag
%outside = fcmp une double %r, 0.0
%z = zext i1 %outside to i64
ret i64 %z
}

define void @copy(ptr %z, ptr %x, i64 %n) #0 {
entry:
%some = icmp ugt i64 %n, 0
br i1 %some, label %head, label %done
head:
%i = phi i64 [0, %entry], [%i8, %wide], [%i1, %narrow]
%j = add i64 %i, 8
%p = getelementptr double, ptr %x, i64 %i
%q = getelementptr double, ptr %z, i64 %i
%many = icmp ule i64 %j, %n
br i1 %many, label %wide, label %few
wide:
%y8 = load <8 x double>, ptr %p, align 8
store <8 x double> %y8, ptr %q, align 8
%i8 = add i64 %i, 8
br label %head
few:
%more = icmp ult i64 %i, %n
br i1 %more, label %narrow, label %done
narrow:
%y1 = load double, ptr %p, align 8
store double %y1, ptr %q, align 8
%i1 = add i64 %i, 1
br label %head
done:
ret void
}

define i64 @steps(
  ptr %v, ptr %calls, i64 %n, ptr %m, ptr %s, i64 %steps, ptr %batches,
  i64 %x, i64 %nx, ptr %further, i64 %y, i64 %ny, i64 %z, i64 %kept,
  ptr %out, i64 %given
) #0 {
entry:
%xs = getelementptr double, ptr %v, i64 %x
%ys = getelementptr double, ptr %v, i64 %y
%zs = getelementptr double, ptr %v, i64 %z
%ws = getelementptr double, ptr %zs, i64 %kept
br label %head
head:
%k = phi i64 [0, %entry], [%next, %commit]
%last = phi ptr [null, %entry], [%batch, %commit]
%ba = getelementptr ptr, ptr %batches, i64 %k
%batch = load ptr, ptr %ba
%same = icmp eq ptr %batch, %last
br i1 %same, label %ready, label %load
load:
call void @copy(ptr %xs, ptr %batch, i64 %nx)
br label %ready
ready:
%fo = mul i64 %k, %ny
%fa = getelementptr double, ptr %further, i64 %fo
call void @copy(ptr %ys, ptr %fa, i64 %ny)
%outside = call i64 @run(ptr %v, ptr %calls, i64 %n, ptr %m, ptr %s)
%bad = icmp ne i64 %outside, 0
br i1 %bad, label %done, label %commit
commit:
call void @copy(ptr %v, ptr %zs, i64 %kept)
%oo = mul i64 %k, %given
%oa = getelementptr double, ptr %out, i64 %oo
call void @copy(ptr %oa, ptr %ws, i64 %given)
%next = add i64 %k, 1
%more = icmp ult i64 %next, %steps
br i1 %more, label %head, label %done
done:
%r = phi i64 [%k, %ready], [%next, %commit]
ret i64 %r
}
"""
UNMARSHAL = f"""
define i64 @unmarshal(
  ptr %data, ptr %known, ptr %places, i64 %n, i64 %size, ptr %out
) #0 {{
entry:
br label %head
head:
%k = phi i64 [0, %entry], [%next, %taken]
%at = phi i64 [0, %entry], [%end, %taken]
%more = icmp ult i64 %k, %n
%pp = getelementptr i32, ptr %places, i64 %k
br i1 %more, label %load, label %ready
load:
%p32 = load i32, ptr %pp
%p64 = zext i32 %p32 to i64
br label %ready
ready:
%until = phi i64 [%size, %head], [%p64, %load]
br label %compare
compare:
%i = phi i64 [%at, %ready], [%j, %same]
%some = icmp ult i64 %i, %until
br i1 %some, label %look, label %compared
look:
%xp = getelementptr i8, ptr %data, i64 %i
%yp = getelementptr i8, ptr %known, i64 %i
%x = load i8, ptr %xp
%y = load i8, ptr %yp
%j = add i64 %i, 1
%equal = icmp eq i8 %x, %y
br i1 %equal, label %same, label %different
same:
br label %compare
compared:
br i1 %more, label %number, label %whole
number:
%before = sub i64 %until, 1
%tp = getelementptr i8, ptr %data, i64 %before
%tag = load i8, ptr %tp
%np = getelementptr i8, ptr %data, i64 %until
%op = getelementptr double, ptr %out, i64 %k
%real = icmp eq i8 %tag, {ord("g")}
br i1 %real, label %float, label %int
float:
%f = load double, ptr %np, align 1
%fend = add i64 %until, 8
br label %taken
int:
%w = load i32, ptr %np, align 1
%g = sitofp i32 %w to double
%gend = add i64 %until, 4
br label %taken
taken:
%end = phi i64 [%fend, %float], [%gend, %int]
%z = phi double [%f, %float], [%g, %int]
store double %z, ptr %op
%next = add i64 %k, 1
br label %head
whole:
ret i64 1
different:
ret i64 0
}}
"""
READY = ("gather", "listed", "tested", "run", "steps", "unmarshal")


def library() -> str:
    """The functions that all programs use: ready calls, rows, domains of rows on lists."""
    parts = [CALLS, UNMARSHAL, *map(function, library_functions())]
    parts += [domain(name, outside) for name, outside in list_domains().items()]
    return "\n".join([*parts, declarations(1)])


def domain(name: str, outside: str) -> str:
    """The test of a domain of lists, 1.0 outside."""
    translator = Translator(Code())
    length = Term(WHOLE, "%n")
    translator.names["xs"] = Term(LIST, "%xs", length=length, size=Size(1, 0))
    truth = translator.expression(domain_expression(outside))
    body = "\n".join(translator.code.lines)
    return (
        f"define double @{name}(ptr %m, ptr %s, ptr %xs, i64 %n) {{\nentry:\n{body}\n"
        f"%result = uitofp i1 {truth.text} to double\nret double %result\n}}"
    )


def declarations(width: int) -> str:
    """The attributes of functions, and LLVM's own functions that they use."""
    lines = ['attributes #0 = { nounwind "prefer-vector-width"="512" }']
    while width:
        kind, suffix = lanes("double", width), "f64" if width == 1 else f"v{width}f64"
        for name, operands in (("fabs", 1), ("sqrt", 1), ("copysign", 2)):
            arguments = ", ".join([kind] * operands)
            lines.append(f"declare {kind} @llvm.{name}.{suffix}({arguments})")
        if width > 1:
            lines.append(f"declare i1 @llvm.vector.reduce.or.v{width}i1(<{width} x i1>)")
        width //= 2
    return "\n".join(lines)
