# A Clacks server in a container: docs/operate.md says how to run it.
#   docker build --tag clacks .

FROM node:24.21.0-trixie-slim AS build
WORKDIR /src
COPY . .
# What is needed to run is what the lockfile names, and what the packages hold that are published.
RUN npm ci --ignore-scripts --no-audit --no-fund \
    && npm run build \
    && npm pack --silent --pack-destination /tmp \
        ./packages/protocol ./packages/client ./packages/clacks \
    && npm ci --ignore-scripts --no-audit --no-fund --omit=dev \
        --workspace=clacks --include-workspace-root=false
RUN mkdir -p /opt/clacks/packages/protocol /opt/clacks/packages/client /opt/clacks/packages/clacks \
    && tar -xzf /tmp/clacks-protocol-*.tgz --strip-components=1 -C /opt/clacks/packages/protocol \
    && tar -xzf /tmp/clacks-client-*.tgz --strip-components=1 -C /opt/clacks/packages/client \
    && rm /tmp/clacks-protocol-*.tgz /tmp/clacks-client-*.tgz \
    && tar -xzf /tmp/clacks-*.tgz --strip-components=1 -C /opt/clacks/packages/clacks \
    && for directory in node_modules packages/*/node_modules; do \
        [ ! -d "$directory" ] || cp -R --parents "$directory" /opt/clacks/ || exit 1; \
    done

FROM node:24.21.0-trixie-slim
ENV NODE_ENV=production
COPY --from=build /opt/clacks /opt/clacks
# npm is not needed any more. What is mounted there takes owner and mode over, if it is a new volume.
RUN rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /opt/yarn-* \
    && ln -s /opt/clacks/packages/clacks/bin/clacks.js /usr/local/bin/clacks \
    && install -d -o 1000 -g 1000 -m 0700 /etc/clacks /var/lib/clacks
# `node` of the image, as a number: so it can be seen that it is not root.
USER 1000:1000
WORKDIR /var/lib/clacks
VOLUME ["/etc/clacks", "/var/lib/clacks"]
# TLS, WebSocket, admin HTTP.
EXPOSE 49888 49887 49880
# The server handles it, also as process 1, and waits for the processes that it starts.
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["node", "/opt/clacks/packages/clacks/operate/docker/healthcheck.mjs"]
ENTRYPOINT ["clacks"]
CMD ["server", "/etc/clacks/clacks.xml"]
