# Event files of a run and of its resumption, for the tests of packages/trainer; from tensorboard 2.21.0
# and protobuf 7.36.2 on Python 3.11. TensorBoard reads them back here, and shows each step once.
#
#   python tools/checks/golden/trainer/tensorboard_events.py
#
# writes packages/trainer/src/golden/tensorboard.json.
import base64
import io
import json
import tempfile
from pathlib import Path

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator as Accumulator
from tensorboard.backend.event_processing.plugin_event_accumulator import EventAccumulator
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

OUT = Path(__file__).resolve().parents[4] / "packages/trainer/src/golden/tensorboard.json"


def write(seconds, done, steps):
    """The records of a log that begins after `done` steps, all at one time."""
    out = io.BytesIO()
    writer = RecordWriter(out)
    start = event_pb2.SessionLog(status=event_pb2.SessionLog.START)
    events = [
        event_pb2.Event(file_version="brain.Event:2"),
        event_pb2.Event(step=done + 1, session_log=start),
    ]
    for step, scalars in steps:
        values = [summary_pb2.Summary.Value(tag=tag, simple_value=value) for tag, value in scalars.items()]
        events.append(event_pb2.Event(step=step, summary=summary_pb2.Summary(value=values)))
    for event in events:
        event.wall_time = seconds
        writer.write(event.SerializeToString(deterministic=True))
    return out.getvalue()


def scalars(step, run):
    return {"loss": run + step / 8, "loss/tokens": -0.0, "gradNorm": 1e-30 * step, "Käse": step / 10}


# Killed after step 5, resumed from the checkpoint of step 3; then steps of some length as varints.
first = [[step, scalars(step, 1)] for step in range(1, 6)]
second = [[step, scalars(step, 2)] for step in [4, 5, 6, 300, 70_000]]
logs = [
    {"seconds": 1_700_000_000.25, "done": 0, "steps": first},
    {"seconds": 1_700_000_100.5, "done": 3, "steps": second},
]
for log in logs:
    log["bytes"] = base64.b64encode(write(**log)).decode()

with tempfile.TemporaryDirectory() as folder:
    for log in logs:
        name = f"events.out.tfevents.{int(log['seconds'])}.1.transfusion"
        (Path(folder) / name).write_bytes(base64.b64decode(log["bytes"]))
    expected = [1, 2, 3, 4, 5, 6, 300, 70_000]
    old = Accumulator(folder).Reload()
    assert [event.step for event in old.Scalars("loss")] == expected
    assert [event.value for event in old.Scalars("loss")][2:4] == [1.375, 2.5]
    new = EventAccumulator(folder).Reload()
    assert [event.step for event in new.Tensors("loss")] == expected
    assert sorted(new.Tags()["tensors"]) == sorted(scalars(1, 1))

OUT.write_text(json.dumps(logs, indent=2, ensure_ascii=False) + "\n")
