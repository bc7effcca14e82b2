"""What numba gives the kernel: compiled functions that stay on disk, and what the text of a lane calls."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from types import FunctionType, ModuleType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from redaptive.domain.detectors.base import Column

Function = Callable[..., Any]
_Number = TypeVar("_Number", bound=np.generic)
_NUMBERS = (int, float, tuple, np.generic, np.ndarray)


class Compiler:
    """Compiles functions; `functions` are those that the text of a lane calls.

    :raises ImportError: when numba is not installed.
    """

    def __init__(self) -> None:
        import numba
        from numba.extending import intrinsic

        self._numba = numba
        self.intrinsic: Function = intrinsic
        self.functions: dict[str, Function] = {"choose": intrinsic(_choose)}
        # What a vector instruction does, and NumPy with it: of two zeros it gives the second.
        self.functions["fetch"] = intrinsic(_fetch)
        self.functions |= {"larger": intrinsic(_extreme(">")), "smaller": intrinsic(_extreme("<"))}

    def from_text(self, name: str, text: str, module: str, file: str, **names: Any) -> Function:
        """The function whose arguments and body are `text`, compiled; on disk it is kept beside `file`, of `module`."""
        known: dict[str, Any] = {"__name__": module, "np": np, "NAN": np.float32(np.nan), **names}
        exec(compile(f"def {name}{text}", file, "exec"), known)  # noqa: S102 -- text of this package only
        return self.compiled(known[name])

    def inlined(self, function: Function, **names: Function) -> Function:
        """The function for other compiled ones to call; it becomes a part of them."""
        options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "forceinline": True}
        return self._numba.njit(**options)(_with(function, {**self.functions, **names}))  # type: ignore[no-any-return]

    def compiled(self, function: Function, **names: Function) -> Function:
        """The function compiled, with `names` for what it calls; it does not hold the interpreter.

        It is kept on disk where there is a place for that, until the file that it stands in changes.
        """
        function = _with(function, {**self.functions, **names})
        options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
        try:
            return self._numba.njit(cache=True, **options)(function)  # type: ignore[no-any-return]
        except RuntimeError:  # numba finds no folder that it may write to
            return self._numba.njit(**options)(function)  # type: ignore[no-any-return]


def whole(name: str, source: str, parts: Sequence[Function], turning: Any, compiler: Compiler) -> Function:
    """The function of `source`, whose parts become a part of it; each may call those before it."""
    names: dict[str, Function] = {}
    for part in parts:
        names[part.__name__] = compiler.inlined(part, **names)
    names |= {"turn_in": compiler.intrinsic(turning.turn_in), "turn_out": compiler.intrinsic(turning.turn_out)}
    # numba keeps what it compiled by the function's name, so the name says what is in it.
    inside = "".join([source, *(said_of(part) for part in parts), repr(vars(turning))])
    return compiler.from_text(f"{name}_{zlib.crc32(inside.encode()):08x}", source, __name__, __file__, **names)


def said_of(function: Function) -> str:
    """What a function that others hold within them computes: its code, and the numbers that it names."""
    code, known = function.__code__, function.__globals__
    modules = [vars(known[name]) for name in code.co_names if isinstance(known.get(name), ModuleType)]
    named = {name: names[name] for names in (*modules, known) for name in code.co_names if name in names}
    numbers = {name: np.asarray(value).tolist() for name, value in named.items() if isinstance(value, _NUMBERS)}
    return repr((code.co_code, code.co_consts, code.co_names, numbers))


def _with(function: Function, names: Mapping[str, Function]) -> Function:
    """The same function with other ones behind the names that it calls."""
    return FunctionType(function.__code__, {**function.__globals__, **names}, function.__name__)


def owned(column: NDArray[_Number], kind: type[_Number]) -> NDArray[_Number]:
    """The column as compiled functions take it: of that type, without holes and writable; else a copy that is.

    Each other sort of array would be compiled for anew, in the midst of the work.
    """
    return column if column.dtype == kind and column.flags.carray else np.array(column, kind)


def _choose(_: Any, mask: Any, yes: Any, no: Any) -> Any:
    """`yes if mask else no`, without a branch."""

    def build(_context: Any, builder: Any, _signature: Any, read: Any) -> Any:
        return builder.select(*read)

    return (yes(mask, yes, yes), build) if yes == no else None


def fetch(columns: Column, row: int | np.int64, byte: int) -> None:
    """Ask the memory for what lies so many bytes into a row of `columns`, to be used a little later; once compiled."""


def _fetch(_: Any, columns: Any, row: Any, byte: Any) -> Any:  # noqa: ARG001 -- numba matches the number of arguments
    from numba.core import cgutils, types

    def build(context: Any, builder: Any, signature: Any, read: Any) -> Any:
        held = context.make_array(signature.args[0])(context, builder, read[0])
        stride = builder.extract_value(held.strides, 0)
        offset = builder.add(builder.mul(read[1], stride), read[2])
        address = builder.add(builder.ptrtoint(held.data, stride.type), offset)
        word, whole = cgutils.voidptr_t, cgutils.int32_t
        # To be read, for the second cache, as data: the first one is too small for all that is asked for ahead.
        operands = [builder.inttoptr(address, word), whole(0), whole(2), whole(1)]
        ir = vars(cgutils)["ir"]
        kind = ir.FunctionType(ir.VoidType(), [word, whole, whole, whole])
        builder.call(builder.module.declare_intrinsic("llvm.prefetch.p0", (), kind), operands)
        return context.get_dummy_value()

    return types.void(columns, types.int64, types.int64), build


def _extreme(sign: str) -> Function:
    def extreme(_: Any, a: Any, b: Any) -> Any:
        def build(_context: Any, builder: Any, _signature: Any, read: Any) -> Any:
            first, second = read
            taken = builder.fcmp_ordered(sign, first, second)
            none = builder.fcmp_unordered("uno", first, first)
            return builder.select(builder.or_(taken, none), first, second)

        return (a(a, a), build) if a == b else None

    return extreme
