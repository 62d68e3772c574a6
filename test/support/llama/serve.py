# llama.cpp's own HTTP server with one model, on a free port of loopback: `serve.py MODEL.gguf`. Says its address on a
# line of its own, `listening http://…`, and ends when its standard input does.
import sys

import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.model_alias = {"tiny"}
params.hostnames = ["127.0.0.1"]
params.port = 0
params.n_ctx = 2048
params.n_parallel = 2
params.warmup = False
params.cpuparams.n_threads = 1
params.cpuparams_batch.n_threads = 1

server = xllamacpp.Server(params)
print("listening", server.listening_address, flush=True)
sys.stdin.read()
