"""What a relay had begun can be read after it was killed, and nothing else is believed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from smtp_gateway.relay import begun
from tests.waiting import wait_for


def test_what_was_begun_is_read_and_what_is_recorded_is_not(tmp_path: Path) -> None:
    marks = begun.Begun(tmp_path / "marks", 7)
    marks.add([1, 2, 2**40])
    marks.remove([2, 99])
    other = begun.Begun(tmp_path / "marks", 8)
    assert begun.read(tmp_path / "marks") == {7: {1, 2**40}, 8: set()}
    for each in (marks, other):
        each.close()
    assert begun.read(tmp_path / "marks") == {}


def test_a_mark_is_free_for_another_after_it_was_removed(tmp_path: Path) -> None:
    marks = begun.Begun(tmp_path, 1)
    for number in range(1, 10_001):
        marks.add([number])
        marks.remove([number])
    marks.add([5, 5])
    assert begun.read(tmp_path) == {1: {5}}


def test_with_more_begun_than_there_are_marks_nobody_knows(tmp_path: Path) -> None:
    begun.Begun(tmp_path, 1).add(range(1, 5000))
    assert begun.read(tmp_path) == {}


def test_marks_of_another_boot_are_not_believed(tmp_path: Path) -> None:
    begun.Begun(tmp_path, 1).add([5])
    (file,) = tmp_path.iterdir()
    content = file.read_bytes()
    file.write_bytes(b"another" + content[7:])
    assert begun.read(tmp_path) == {}


def test_files_that_are_no_marks_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "x.begun").write_bytes(b"")
    (tmp_path / "7.begun").mkdir()
    assert begun.read(tmp_path) == {}
    assert begun.read(tmp_path / "nowhere") == {}


def test_a_directory_that_cannot_be_written_stops_no_relay(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    marks = begun.Begun(tmp_path / "file", 1)
    marks.add([1])
    marks.remove([1])
    marks.close()


def test_a_file_that_is_still_mapped_is_replaced_and_not_cut(tmp_path: Path) -> None:
    former = begun.Begun(tmp_path, 1)
    begun.Begun(tmp_path, 1).add([2])
    former.add([1])
    assert begun.read(tmp_path) == {1: {2}}


def test_files_of_relays_that_are_gone_are_taken_away(tmp_path: Path) -> None:
    for relay_id in (1, 2):
        begun.Begun(tmp_path, relay_id)
    begun.forget(tmp_path, [1, 99])
    assert begun.read(tmp_path) == {2: set()}


def test_marks_outlive_a_killed_process(tmp_path: Path) -> None:
    program = (
        "import sys, pathlib, signal\n"
        "from smtp_gateway.relay.begun import Begun\n"
        "Begun(pathlib.Path(sys.argv[1]), 3).add([11, 12])\n"
        "signal.pause()\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)], cwd=settings.BASE_DIR
    )
    wait_for(lambda: begun.read(tmp_path).get(3) == {11, 12})
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert begun.read(tmp_path) == {3: {11, 12}}
