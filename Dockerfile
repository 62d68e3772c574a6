# Sluice without a build step: the locked dependencies (the pinned Node among them), the sources and the CRDs.
# docker build -t sluice . && docker run --rm -v ./config:/config:ro -p 8080:8080 sluice serve --config /config
FROM debian:bookworm-slim AS install
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates nodejs npm \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
# npm here runs on Debian's Node; what it installs runs on the Node of package-lock.json.
COPY package.json package-lock.json ./
# node_modules/node/bin/node is all of that package that runs; the rest is headers and a second name of the same file.
RUN npm ci --omit=dev --no-audit --no-fund && rm -rf node_modules/node/node_modules

FROM debian:bookworm-slim
# What Node is linked against and the slim image lacks. Certificates of public CAs are in Node itself.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends libatomic1 libstdc++6 \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY --from=install /app/node_modules node_modules
COPY package.json LICENSE ./
COPY crds crds
COPY src src
# Numeric, so that Kubernetes can check runAsNonRoot. Nothing is written: a read-only root file system does.
USER 65532:65532
EXPOSE 8080 9090
ENTRYPOINT ["/app/node_modules/node/bin/node", "/app/src/main.ts"]
CMD ["--help"]
