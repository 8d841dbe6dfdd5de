import py_compile
from dataclasses import dataclass
from importlib.util import cache_from_source
from pathlib import Path

from infra_cdk.local.recycler import Recycler, snapshot


@dataclass
class Worker:
    in_use: bool = False
    last_used: float = 100.0
    _start_time: float | None = 100.0
    _proc: object = "running"


def recycler(root: Path, **more: float) -> Recycler:
    return Recycler(roots=(root,), seen=snapshot((root,)), **more)


def test_a_change_is_noticed_once_and_its_byte_code_forgotten(tmp_path: Path) -> None:
    source = tmp_path / "module.py"
    source.write_text("a = 1")
    py_compile.compile(str(source))
    watch = recycler(tmp_path)
    source.write_text("a = 2 ")
    watch.look()
    first = watch.changed_at
    watch.look()
    assert first > 0
    assert watch.changed_at == first
    assert not Path(cache_from_source(str(source))).exists()


def test_new_byte_code_is_no_change(tmp_path: Path) -> None:
    source = tmp_path / "module.py"
    source.write_text("a = 1")
    watch = recycler(tmp_path)
    py_compile.compile(str(source))
    watch.look()
    assert watch.changed_at == 0


def test_a_removed_file_is_a_change(tmp_path: Path) -> None:
    template = tmp_path / "page.html"
    template.write_text("x")
    watch = recycler(tmp_path)
    template.unlink()
    watch.look()
    assert watch.changed_at > 0


def test_a_process_that_started_before_the_change_is_ended_but_never_in_the_middle_of_a_call() -> None:
    watch = Recycler(changed_at=200)
    assert watch.outdated(Worker(), now=201)
    assert not watch.outdated(Worker(in_use=True), now=201)
    assert not watch.outdated(Worker(_start_time=300), now=301)
    assert not watch.outdated(Worker(_proc=None), now=201)


def test_an_idle_process_is_given_back_after_its_time() -> None:
    watch = Recycler(idle_seconds=60)
    assert not watch.outdated(Worker(last_used=100), now=150)
    assert watch.outdated(Worker(last_used=100), now=161)
