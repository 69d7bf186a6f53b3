"""library: what every program in native code needs, as LLVM's text.

Calls that are the same for all programs, the walk through a table of calls, the
rows' forward functions, and the domains of rows on lists.
"""

__tracebackhide__ = True  # pytest: a traceback ends at the line that called

from collections.abc import Sequence, Set

from .registers import Code, lanes
from .translate import (
    LIST,
    WHOLE,
    Size,
    Term,
    Translator,
    domain_expression,
    function,
    library_functions,
    list_domains,
)


def read(at: str, names: Sequence[str], addresses: Set[str] = frozenset()) -> str:
    """Lines that give names to what lies side by side at a place.

    Args:
        at: The place.
        names: Those of whole numbers, and of addresses.
        addresses: Which of them are addresses.
    """
    return "\n".join(
        [
            f"%{name}.p = getelementptr i64, ptr {at}, i64 {k}\n"
            f"%{name} = load {'ptr' if name in addresses else 'i64'}, ptr %{name}.p"
            for k, name in enumerate(names)
        ]
    )


def head_of_call(name: str, names: Sequence[str], addresses: Set[str] = frozenset()) -> str:
    """The first lines of a call, which read its arguments: see `read`."""
    return f"define void @{name}(ptr %v, ptr %a, ptr %m, ptr %s) #0 {{\nentry:\n" + read(
        "%a", names, addresses
    )


def head_of_call_on_lists(name: str, *addresses: str) -> str:
    """The first lines of a call that runs the function f on lists of n numbers each.

    The lists are from x on, as many as there are `lanes`. Their results are from z
    on. Further arguments are these addresses.
    """
    names = ("first_z", "place", "lanes", "first_x", "n", *addresses)
    return (
        head_of_call(name, names, frozenset(addresses))
        + """
%z = getelementptr double, ptr %v, i64 %first_z
%x = getelementptr double, ptr %v, i64 %first_x
%slot = getelementptr ptr, ptr %m, i64 %place
%f = load ptr, ptr %slot"""
    )


CALLS = f"""
{head_of_call("gather", ("first_z", "n"))}
%z = getelementptr double, ptr %v, i64 %first_z
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
}}

{head_of_call_on_lists("listed")}
br label %head
head:
%i = phi i64 [0, %entry], [%j, %head]
%at = mul i64 %i, %n
%xs = getelementptr double, ptr %x, i64 %at
%r = call double %f(ptr %m, ptr %s, ptr %xs, i64 %n)
%w = getelementptr double, ptr %z, i64 %i
store double %r, ptr %w
%j = add i64 %i, 1
%more = icmp ult i64 %j, %lanes
br i1 %more, label %head, label %done
done:
ret void
}}

{head_of_call_on_lists("tested")}
%flag = getelementptr double, ptr %s, i64 -1
br label %head
head:
%i = phi i64 [0, %entry], [%j, %on]
%at = mul i64 %i, %n
%xs = getelementptr double, ptr %x, i64 %at
%r = call double %f(ptr %m, ptr %s, ptr %xs, i64 %n)
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
}}

define i64 @run(ptr %v, ptr %calls, i64 %n, ptr %m, ptr %s, ptr %wary) #0 {{
entry:
%flag = getelementptr double, ptr %s, i64 -1
store double 0.0, ptr %flag
%some = icmp ugt i64 %n, 0
br i1 %some, label %walk, label %done
walk:
call void @repeat(ptr %v, ptr %calls, i64 %n, ptr null, i64 1, ptr %m, ptr %s)
br label %done
done:
%r = load double, ptr %flag
%outside = fcmp une double %r, 0.0
%z = zext i1 %outside to i64
%unwary = icmp eq ptr %wary, null
br i1 %unwary, label %end, label %look
look:
%first = load i64, ptr %wary
%pn = getelementptr i64, ptr %wary, i64 1
%results = load i64, ptr %pn
%last = add i64 %first, %results
br label %next
next:
%i = phi i64 [%first, %look], [%j, %test]
%so_far = phi i64 [%z, %look], [%found, %test]
%more = icmp ult i64 %i, %last
br i1 %more, label %test, label %end
test:
%p = getelementptr double, ptr %v, i64 %i
%x = load double, ptr %p
%is_nan = fcmp uno double %x, 0.0
%one = zext i1 %is_nan to i64
%found = or i64 %so_far, %one
%j = add i64 %i, 1
br label %next
end:
%told = phi i64 [%z, %done], [%so_far, %next]
ret i64 %told
}}

define void @repeat(ptr %v, ptr %calls, i64 %n, ptr %moves, i64 %times, ptr %m, ptr %s) #0 {{
entry:
br label %round
round:
%r = phi i64 [1, %entry], [%r1, %grow]
br label %head
head:
%i = phi i64 [0, %round], [%j, %head]
%c = getelementptr i64, ptr %calls, i64 %i
%f = load ptr, ptr %c
%sizes = getelementptr i64, ptr %c, i64 1
%size = load i64, ptr %sizes
%a = getelementptr i64, ptr %c, i64 2
call void %f(ptr %v, ptr %a, ptr %m, ptr %s)
%j = add i64 %i, %size
%more = icmp ult i64 %j, %n
br i1 %more, label %head, label %last
last:
%again = icmp ult i64 %r, %times
br i1 %again, label %grow, label %done
grow:
%k = phi i64 [0, %last], [%k8, %grow]
%p = getelementptr i64, ptr %calls, i64 %k
%q = getelementptr i64, ptr %moves, i64 %k
%x = load <8 x i64>, ptr %p, align 8
%y = load <8 x i64>, ptr %q, align 8
%z = add <8 x i64> %x, %y
store <8 x i64> %z, ptr %p, align 8
%k8 = add i64 %k, 8
%left = icmp ult i64 %k8, %n
%r1 = add i64 %r, 1
br i1 %left, label %grow, label %round
done:
ret void
}}

{head_of_call("loop", ("times", "n", "wide", "room"))}
%calls = getelementptr double, ptr %v, i64 %room
%body = getelementptr i64, ptr %a, i64 4
%moves = getelementptr i64, ptr %body, i64 %wide
call void @copy(ptr %calls, ptr %body, i64 %wide)
call void @repeat(ptr %v, ptr %calls, i64 %n, ptr %moves, i64 %times, ptr %m, ptr %s)
ret void
}}

define void @copy(ptr %z, ptr %x, i64 %n) #0 {{
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
}}

define i1 @infinite(ptr %x, i64 %n) #0 {{
entry:
br label %head
head:
%i = phi i64 [0, %entry], [%j, %look]
%more = icmp ult i64 %i, %n
br i1 %more, label %look, label %none
look:
%p = getelementptr double, ptr %x, i64 %i
%y = load double, ptr %p, align 8
%zero = fsub double %y, %y
%bad = fcmp une double %zero, 0.0
%j = add i64 %i, 1
br i1 %bad, label %found, label %head
found:
ret i1 true
none:
ret i1 false
}}
"""
# What a request to take steps consists of. The numbers of a batch, `nx` of them, go
# to x, further ones to y. After a run the results lie at z. Some are kept, at the
# beginning of the memory, and those behind them are given out. The steps end before
# one that has an operand outside a domain, or a number of its batch that is not finite.
PLACES = {"memory", "calls", "table", "scratch", "batches", "x", "further", "y", "z", "out"}
FIELDS = (
    *("memory", "calls", "length", "table", "scratch", "steps", "batches", "x", "nx"),
    *("further", "y", "ny", "z", "kept", "out", "given"),
)
STEPS = f"""
define i64 @steps(ptr %request) #0 {{
entry:
{read("%request", FIELDS, PLACES)}
br label %head
head:
%k = phi i64 [0, %entry], [%next, %commit]
%last = phi ptr [null, %entry], [%batch, %commit]
%ba = getelementptr ptr, ptr %batches, i64 %k
%batch = load ptr, ptr %ba
%same = icmp eq ptr %batch, %last
br i1 %same, label %ready, label %load
load:
call void @copy(ptr %x, ptr %batch, i64 %nx)
%odd = call i1 @infinite(ptr %x, i64 %nx)
br i1 %odd, label %done, label %ready
ready:
%fo = mul i64 %k, %ny
%fa = getelementptr double, ptr %further, i64 %fo
call void @copy(ptr %y, ptr %fa, i64 %ny)
%outside = call i64 @run(ptr %memory, ptr %calls, i64 %length, ptr %table, ptr %scratch, ptr null)
%bad = icmp ne i64 %outside, 0
br i1 %bad, label %done, label %commit
commit:
%others = getelementptr double, ptr %z, i64 %kept
call void @copy(ptr %memory, ptr %z, i64 %kept)
%oo = mul i64 %k, %given
%oa = getelementptr double, ptr %out, i64 %oo
call void @copy(ptr %oa, ptr %others, i64 %given)
%next = add i64 %k, 1
%more = icmp ult i64 %next, %steps
br i1 %more, label %head, label %done
done:
%r = phi i64 [%k, %load], [%k, %ready], [%next, %commit]
ret i64 %r
}}
"""
NUMBER, OBJECT = 0, 1  # kinds of nodes in a plan of `flat`; others are of lists
FLATTEN = f"""
define i64 @flatten(ptr %x, ptr %plans, i64 %n, ptr %z, ptr %python) #0 {{
entry:
br label %head
head:
%k = phi i64 [0, %entry], [%next, %look]
%some = icmp ult i64 %k, %n
br i1 %some, label %look, label %none
look:
%place = getelementptr ptr, ptr %plans, i64 %k
%plan = load ptr, ptr %place
%end = call ptr @part(ptr %x, ptr %plan, ptr %z, ptr %python)
%different = icmp eq ptr %end, null
%next = add i64 %k, 1
br i1 %different, label %head, label %found
found:
ret i64 %k
none:
ret i64 -1
}}

define i64 @step_on(ptr %x, ptr %plan, ptr %python, ptr %request) #0 {{
entry:
%zp = getelementptr ptr, ptr %request, i64 {FIELDS.index("x")}
%z = load ptr, ptr %zp
%end = call ptr @part(ptr %x, ptr %plan, ptr %z, ptr %python)
%different = icmp eq ptr %end, null
br i1 %different, label %none, label %step
step:
%nxp = getelementptr i64, ptr %request, i64 {FIELDS.index("nx")}
%nx = load i64, ptr %nxp
%odd = call i1 @infinite(ptr %z, i64 %nx)
br i1 %odd, label %none, label %begin
begin:
%done = call i64 @steps(ptr %request)
ret i64 %done
none:
ret i64 0
}}

define ptr @part(ptr %x, ptr %node, ptr %z, ptr %python) #0 {{
entry:
%kind = load i64, ptr %node
%own = getelementptr i64, ptr %node, i64 1
%typep = getelementptr i8, ptr %x, i64 8
%type = load i64, ptr %typep
switch i64 %kind, label %list [i64 {NUMBER}, label %number i64 {OBJECT}, label %object]
number:
%taken = call i1 @number(ptr %x, ptr %z, ptr %python)
%z1 = getelementptr double, ptr %z, i64 1
%behind = select i1 %taken, ptr %z1, ptr null
ret ptr %behind
object:
%known = load ptr, ptr %own
%same = icmp eq ptr %x, %known
%here = select i1 %same, ptr %z, ptr null
ret ptr %here
list:
%alike = icmp eq i64 %type, %kind
br i1 %alike, label %measure, label %different
measure:
%size = load ptr, ptr %own
%n = call i64 %size(ptr %x)
%np = getelementptr i64, ptr %node, i64 3
%planned = load i64, ptr %np
%long = icmp eq i64 %n, %planned
br i1 %long, label %begin, label %different
begin:
%itemp = getelementptr ptr, ptr %node, i64 2
%item = load ptr, ptr %itemp
%stepp = getelementptr i64, ptr %node, i64 4
%step = load i64, ptr %stepp
%nodes = getelementptr ptr, ptr %node, i64 5
br label %head
head:
%i = phi i64 [0, %begin], [%j, %next]
%at = phi ptr [%z, %begin], [%after, %next]
%more = icmp ult i64 %i, %n
br i1 %more, label %element, label %done
element:
%y = call ptr %item(ptr %x, i64 %i)
%k = mul i64 %i, %step
%placep = getelementptr ptr, ptr %nodes, i64 %k
%place = load ptr, ptr %placep
%below = load i64, ptr %place
%plain = icmp eq i64 %below, {NUMBER}
br i1 %plain, label %numeric, label %nested
numeric:
%right = call i1 @number(ptr %y, ptr %at, ptr %python)
%at1 = getelementptr double, ptr %at, i64 1
br i1 %right, label %next, label %different
nested:
%at2 = call ptr @part(ptr %y, ptr %place, ptr %at, ptr %python)
%unlike = icmp eq ptr %at2, null
br i1 %unlike, label %different, label %next
next:
%after = phi ptr [%at1, %numeric], [%at2, %nested]
%j = add i64 %i, 1
br label %head
done:
ret ptr %at
different:
ret ptr null
}}

define i1 @number(ptr %x, ptr %z, ptr %python) #0 {{
entry:
%typep = getelementptr i8, ptr %x, i64 8
%type = load ptr, ptr %typep
%float = load ptr, ptr %python
%real = icmp eq ptr %type, %float
br i1 %real, label %read, label %other
read:
%yp = getelementptr i8, ptr %x, i64 16
%y = load double, ptr %yp
store double %y, ptr %z
ret i1 true
other:
%intp = getelementptr ptr, ptr %python, i64 1
%int = load ptr, ptr %intp
%whole = icmp eq ptr %type, %int
br i1 %whole, label %convert, label %different
convert:
%gp = getelementptr ptr, ptr %python, i64 2
%g = load ptr, ptr %gp
%w = call double %g(ptr %x)
store double %w, ptr %z
%fine = fcmp une double %w, -1.0
br i1 %fine, label %done, label %ask
ask:
%askp = getelementptr ptr, ptr %python, i64 3
%occurred = load ptr, ptr %askp
%error = call ptr %occurred()
%none = icmp eq ptr %error, null
br i1 %none, label %done, label %large
done:
ret i1 true
large:
%clearp = getelementptr ptr, ptr %python, i64 4
%clear = load ptr, ptr %clearp
call void %clear()
ret i1 false
different:
ret i1 false
}}
"""
READY = ("gather", "listed", "tested", "loop", "run", "steps", "flatten", "step_on")


def library() -> str:
    """The functions that all programs use: ready calls, rows, domains of rows on lists."""
    parts = [CALLS, STEPS, FLATTEN, *map(function, library_functions())]
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
            for how in ("or", "and"):
                lines.append(f"declare i1 @llvm.vector.reduce.{how}.v{width}i1(<{width} x i1>)")
        width //= 2
    return "\n".join(lines)
