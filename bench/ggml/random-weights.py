"""Writes GPT-2 124 M with random F16 weights in the file layout of ggml's gpt-2 example: random-ggml.py FILE"""
import os, struct, sys

VOCAB, CONTEXT, HIDDEN, HEADS, LAYERS = 50257, 1024, 768, 12, 12

# Sign and mantissa at random, exponents of 2^-6: values of a trained network's size, none next to zero.
KEEP = int.from_bytes(b"\xff\x83" * (1 << 19), "little")
SET = int.from_bytes(b"\x00\x24" * (1 << 19), "little")


def halves(count):
    while count > 0:
        n = min(count, 1 << 19)
        chunk = (int.from_bytes(os.urandom(1 << 20), "little") & KEEP | SET).to_bytes(1 << 20, "little")
        yield chunk[: 2 * n]
        count -= n


def tensor(out, name, *shape):
    matrix = len(shape) == 2 and name != "model/wpe"
    out.write(struct.pack("iii", len(shape), len(name), 1 if matrix else 0))
    for size in reversed(shape):
        out.write(struct.pack("i", size))
    out.write(name.encode())
    count = 1
    for size in shape:
        count *= size
    if matrix:
        for chunk in halves(count):
            out.write(chunk)
    else:
        value = struct.pack("f", 1.0 if name.endswith("/g") else 0.01)
        out.write(value * count)


with open(sys.argv[1], "wb") as out:
    out.write(struct.pack("7i", 0x67676D6C, VOCAB, CONTEXT, HIDDEN, HEADS, LAYERS, 1))
    out.write(struct.pack("i", VOCAB))
    for i in range(VOCAB):
        word = (" %d" % i).encode()
        out.write(struct.pack("i", len(word)) + word)
    tensor(out, "model/ln_f/g", HIDDEN)
    tensor(out, "model/ln_f/b", HIDDEN)
    tensor(out, "model/wte", VOCAB, HIDDEN)
    tensor(out, "model/lm_head", VOCAB, HIDDEN)
    tensor(out, "model/wpe", CONTEXT, HIDDEN)
    for i in range(LAYERS):
        at = "model/h%d/" % i
        for norm in ("ln_1", "ln_2"):
            tensor(out, at + norm + "/g", HIDDEN)
            tensor(out, at + norm + "/b", HIDDEN)
        for name, rows, columns in (
            ("attn/c_attn", 3 * HIDDEN, HIDDEN),
            ("attn/c_proj", HIDDEN, HIDDEN),
            ("mlp/c_fc", 4 * HIDDEN, HIDDEN),
            ("mlp/c_proj", HIDDEN, 4 * HIDDEN),
        ):
            tensor(out, at + name + "/w", rows, columns)
            tensor(out, at + name + "/b", rows)
