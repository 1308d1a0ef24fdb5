#!/usr/bin/env python3
"""Networks that want more than to compute, made of a good one: hostile-networks.py GOOD.pt FOLDER

Each is the good network with one change. Prints the names of the files.
"""

import json
import os
import struct
import sys
import zipfile

good, folder = sys.argv[1:]
source = zipfile.ZipFile(good)
root = source.namelist()[0].split("/")[0]
canary = os.path.join(folder, "PWNED")
first = "    batch = torch.size(events, 0)\n"
loops = "for a in range(10000):\n{0}  for b in range(10000):\n{0}    for c in range(10000):\n{0}      i = torch.add(i, 1)\n"


def write(name, change=lambda name, data: data, more=()):
    with zipfile.ZipFile(os.path.join(folder, name + ".pt"), "w", zipfile.ZIP_STORED) as target:
        for item in source.infolist():
            target.writestr(item.filename, change(item.filename.split("/", 1)[1], source.read(item)))
        for record, data in more:
            target.writestr(f"{root}/{record}", data, zipfile.ZIP_DEFLATED)
    print(name)


def replace(name, record, old, new):
    def change(found, data):
        if found != record:
            return data
        assert old in data, (name, old)
        return data.replace(old, new, 1)

    write(name, change)


def code(name, old, new):
    replace(name, "code/__torch__.py", old.encode(), new.encode())


def line(name, text):
    """A line of the forward function."""
    code(name, first, first + "".join(f"    {part}\n" for part in text.split("\n")))


def description(name, edit):
    def change(found, data):
        if found != "extra/spec.json":
            return data
        spec = json.loads(data)
        edit(spec)
        return json.dumps(spec).encode()

    write(name, change)


line("save", f'ops.aten.save(1, "{canary}")')
line("save-by-another-name", f'_0 = events.save("{canary}")')
line("print", 'print("hello")')
line("warning", 'torch.warn("hello", 2)')
line("from-file", 'q = torch.from_file("/etc/passwd", False, 10, dtype=0)')
line("while", "i = 0\nwhile True:\n  i = torch.add(i, 1)")
line("long-range", "i = 0\nfor j in range(1000000000000):\n  i = torch.add(i, 1)")
line("beyond-memory", "q = torch.as_strided(events, [100000000], [1], 0)")
line("torch-classes", "q = __torch__.torch.classes.quantized.Conv2dPackedParamsBase()")
line("fork", "q = fork(torch.relu, events)")
line("with-block", "with torch.no_grad():\n  q = 1")
line("attribute", "self.output_bias = events")
line("parameter-in-place", "q = torch.add_(self.output_bias, 1)")
line("argument-in-place", "q = torch.add_(events, 1)")
line("random-seed", "torch.manual_seed(1)")
line("deep", "q = " + "(" * 5000 + "1" + ")" * 5000)
line("growing-text", 'q = "aaaa"\n' + "\n".join(["q = torch.add(q, q)"] * 40))
header = "  def forward(self: __torch__.ResidualNetwork,"
save = f'    ops.aten.save(1, "{canary}")\n'
code("default-argument", "    events: Tensor) -> Tensor:",
     f'    events: Tensor,\n    q: int=ops.aten.save(1, "{canary}")) -> Tensor:')
code("setstate", header, "  def __setstate__(self: __torch__.ResidualNetwork,\n    x: Tensor) -> NoneType:\n"
     + save + "    return None\n" + header)
# A method of the same name hides the operator from a look at names: the compiled program shows it.
code("method-that-hides", header, "  def resize_(self: __torch__.ResidualNetwork,\n    x: Tensor) -> Tensor:\n"
     "    _0 = x.resize_([100000000])\n    return x\n" + header)
code("class-that-saves", "class ResidualNetwork(Module):",
     "class Other:\n  def __init__(self: __torch__.Other) -> NoneType:\n" + save
     + "    return None\nclass ResidualNetwork(Module):")
code("segments", "lengths=station_counts", "lengths=torch.mul(station_counts, 100000)")

write("not-a-number", lambda name, data: struct.pack("<f", float("nan")) + data[4:] if name == "data/0" else data)
write("pickled-call", lambda name, data: b"\x80\x02cos\nsystem\nX" + struct.pack("<I", len("touch " + canary))
      + f"touch {canary}".encode() + b"\x85R." if name == "data.pkl" else data)
replace("tensor-beyond-record", "data.pkl", b"(K\x10K\x10t", b"(K\xffK\xfft")
write("bomb", more=[("code/zeros.py", b" " * 100_000_000)])
write("damaged-code", lambda name, data: data[:2000] if name.endswith(".py") else data)

for key in ("columns", "combination", "scaling", "normalisation"):
    description(f"without-{key}", lambda spec: spec.pop(key))
description("without-domain", lambda spec: (spec.pop("domain"), spec.pop("validation")))
description("other-count", lambda spec: spec.update(weightCount=7))

# These compute only, but for years: in the first batch, and only with more events than it has.
line("endless", "i = 0\n" + loops.format("").rstrip())
line("endless-later", "i = 0\nif torch.gt(batch, 2):\n  " + loops.format("  ").rstrip() + "\nelse:\n  pass")
# This fails only with more events than the first batch has.
code("fails-later", "[torch.mul(batch, 64)], -1",
     "[torch.mul(torch.size(torch.narrow(events, 0, 0, torch.mul(batch, torch.sub(batch, 1))), 0), 64)], -1")
# This is allowed.
line("short-loops", "i = 0\nfor j in range(torch.size(events, 0)):\n  i = torch.add(i, 1)\n"
     "for k in range(10000):\n  i = torch.add(i, 1)\nq = torch.add_(torch.clone(events), 1)")

whole = open(good, "rb").read()
open(os.path.join(folder, "cut.pt"), "wb").write(whole[: len(whole) // 2])
print("cut")
