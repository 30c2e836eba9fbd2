"""Times ggml's gpt-2-ctx on the network of random-weights.py: measure.py BUILD/bin [THREADS...]

Decode is a step behind an empty prompt, prefill a prompt of 512 tokens in batches of 64, the largest the example has
memory for. Beside the time of day it prints the time on processors, which leaves out other work of the machine: the
difference between a long and a short run, so that loading does not count.
"""
import os, re, resource, subprocess, sys, tempfile

SHORT, LONG, PROMPT = 8, 72, 512


def run(program, model, threads, tokens, prompt):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    text = "".join(" %d" % i for i in range(1, prompt + 1))
    command = [program, "-m", model, "-p", text, "-n", str(tokens), "-b", "64", "-t", str(threads), "--ignore-eos"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    wall = re.search(rb"predict time = *([0-9.]+) ms", done.stdout)
    return float(wall.group(1)), busy * 1000


def median(values):
    return sorted(values)[len(values) // 2]


def measure(program, model, threads):
    steps, busy_steps, prefills, busy_prefills = [], [], [], []
    for _ in range(3):
        short, busy_short = run(program, model, threads, SHORT, 1)
        long, busy_long = run(program, model, threads, LONG, 1)
        prefill, busy_prefill = run(program, model, threads, 2, PROMPT)
        steps.append((long - short) / (LONG - SHORT))
        busy_steps.append((busy_long - busy_short) / (LONG - SHORT))
        prefills.append(prefill)
        busy_prefills.append(busy_prefill - busy_short)
    print(
        "%-6s %7d %9.2f %9.2f %16.0f %9.0f"
        % (os.path.basename(model).split(".")[0], threads, median(steps), median(busy_steps), median(prefills), median(busy_prefills)),
        flush=True,
    )


tools = sys.argv[1]
with tempfile.TemporaryDirectory() as work:
    f16 = os.path.join(work, "f16.bin")
    subprocess.run([sys.executable, os.path.join(os.path.dirname(__file__), "random-weights.py"), f16], check=True)
    models = [f16]
    for form in ("q8_0", "q4_0"):
        models.append(os.path.join(work, form + ".bin"))
        quantize = [os.path.join(tools, "gpt-2-quantize"), f16, models[-1], form]
        subprocess.run(quantize, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    print("type   threads  ms/token  on CPUs  prefill 512: ms   on CPUs")
    for model in models:
        for threads in range(1, os.cpu_count() + 1):
            measure(os.path.join(tools, "gpt-2-ctx"), model, threads)
