"""What the odd values and exceptions of a hostile candidate are made with; it goes into the candidate's source."""

import os
import sys
from typing import Any, NoReturn


def never(*_: object) -> NoReturn:
    while True:
        pass


def raises(*_: object, **__: object) -> NoReturn:
    raise ValueError("odd")


def leaves(*_: object, **__: object) -> NoReturn:
    os._exit(0)


def deep(value: Any, wrap: Any) -> Any:
    for _ in range(100000):
        value = wrap(value)
    return value


def odd_qualname() -> Any:
    class Odd:
        pass

    Odd.__qualname__ = type("Text", (str,), {"__str__": raises, "__add__": raises, "__radd__": raises})("q")
    return Odd()


def odd_module() -> Any:
    module = type(sys)("m")
    odd: Any = type("Odd", (), {"__getattr__": raises, "__eq__": raises})()
    module.__name__ = module.__file__ = module.__spec__ = odd
    sys.modules["odd"] = module
    return module


def odd_file() -> Any:
    file: Any = open(os.devnull)  # noqa: SIM115, PTH123
    file.mode = type("Text", (str,), {"__repr__": raises})("r")
    return file


def endless_context() -> Exception:
    first, second = ValueError("deep"), ValueError("b")
    first.__context__, second.__context__ = second, first
    return first


def long_chain() -> Exception:
    last = None
    for number in range(100001):
        error = ValueError(number)
        error.__cause__ = error.__context__ = last
        last = error
    assert last is not None
    return last


def odd_context() -> Exception:
    error = ValueError("no")
    error.__context__ = type("Odd", (Exception,), {"__setattr__": raises})()
    return error
