import type { RemoteDelivery } from "../../resources/delivery.ts";
import { CA_FILE, RUN_DIR, SETTINGS_DIR, TOKEN_DIR } from "./paths.ts";

/** Authorities of the official image, and of Debian. */
const SYSTEM_CA = "/etc/ssl/certs/ca-certificates.crt";

/** Reads the token at each use, so that a new one needs no reload. What is no token is not sent. */
export const TOKEN_SCRIPT = `import fs from 'fs';

function authorization() {
  try {
    var token = fs.readFileSync('${TOKEN_DIR}/token', 'utf8').trim();
    return /^[!-~]+$/.test(token) ? 'Bearer ' + token : '';
  } catch (e) {
    return '';
  }
}

export default { authorization };
`;

/**
 * nginx that listens on loopback alone and passes requests for one configuration on to CDS: adds TLS, path prefix and
 * token (DESIGN.md 4.3). Everything else is answered 404. Runs without privileges on a read-only root.
 * @param path of the configuration at CDS, percent-encoded
 */
export function nginxConfig({ endpoint, ca }: RemoteDelivery, path: string, port: number): string {
  const { host, path: prefix } = endpoint;
  const authority = endpoint.port === 443 ? host : `${host}:${endpoint.port}`;
  return `# Made by stunner-serverless. Read again within seconds of a change.
load_module /usr/lib/nginx/modules/ngx_http_js_module.so;
daemon off;
worker_processes 1;
worker_shutdown_timeout 2s;
pid ${RUN_DIR}/nginx.pid;
error_log stderr warn;

events {
  worker_connections 128;
}

http {
  access_log off;
  server_tokens off;
  client_body_temp_path ${RUN_DIR}/client-body;
  proxy_temp_path ${RUN_DIR}/proxy;
  fastcgi_temp_path ${RUN_DIR}/fastcgi;
  uwsgi_temp_path ${RUN_DIR}/uwsgi;
  scgi_temp_path ${RUN_DIR}/scgi;

  include ${RUN_DIR}/resolver.conf;
  resolver_timeout 5s;

  js_import stunner from ${SETTINGS_DIR}/token.js;
  js_set $stunner_authorization stunner.authorization;

  map $http_upgrade $stunner_connection {
    default upgrade;
    "" "";
  }

  server {
    listen 127.0.0.1:${port};

    location = ${path} {
      limit_except GET {
        deny all;
      }
      # A name in a variable is looked up again when its time has come; else only once, at the start.
      set $stunner_cds ${host};
      proxy_pass https://$stunner_cds:${endpoint.port}${prefix}${path}$is_args$args;
      proxy_http_version 1.1;
      proxy_set_header Host ${authority};
      proxy_set_header Origin "";
      proxy_set_header Cookie "";
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $stunner_connection;
      proxy_set_header Authorization $stunner_authorization;

      proxy_ssl_verify on;
      proxy_ssl_verify_depth 5;
      proxy_ssl_trusted_certificate ${ca === undefined ? SYSTEM_CA : `${SETTINGS_DIR}/${CA_FILE}`};
      proxy_ssl_server_name on;
      proxy_ssl_name ${host};
      proxy_ssl_protocols TLSv1.2 TLSv1.3;
      proxy_ssl_session_reuse off;

      proxy_buffering off;
      proxy_connect_timeout 5s;
      # stunnerd pings every 5 s, and is answered.
      proxy_read_timeout 20s;
      proxy_send_timeout 20s;
    }

    location / {
      return 404;
    }
  }
}
`;
}

/** Runs nginx; loads its files again when they change: the kubelet replaces them within a minute or two. No value is in it. */
export const NGINX_SCRIPT = `#!/bin/sh
# Made by stunner-serverless.
set -u
settings=${SETTINGS_DIR}
run=${RUN_DIR}

# nginx asks name servers itself and must be told which: those of the pod.
resolver() {
  servers=''
  while read -r word address rest || [ -n "$word" ]; do
    if [ "$word" = nameserver ]; then
      case $address in
        *[!0-9A-Fa-f.:]* | '') ;;
        *.*) servers="$servers $address" ;;
        *:*) servers="$servers [$address]" ;;
      esac
    fi
    word=''
  done </etc/resolv.conf
  if [ -n "$servers" ]; then echo "resolver$servers;"; fi >"$run/resolver.new"
  mv -f "$run/resolver.new" "$run/resolver.conf"
}

state() {
  resolver
  cat "$settings/nginx.conf" "$settings/token.js" "$settings/${CA_FILE}" "$run/resolver.conf" 2>/dev/null
}

seen=$(state)
nginx -e stderr -p "$run" -c "$settings/nginx.conf" &
nginx=$!
trap 'kill -TERM "$nginx" 2>/dev/null; wait "$nginx"; exit 0' TERM INT

while kill -0 "$nginx" 2>/dev/null; do
  sleep 5 &
  wait $!
  now=$(state)
  if [ "$now" != "$seen" ]; then
    seen=$now
    echo 'the configuration has changed: nginx reads it again' >&2
    kill -HUP "$nginx"
  fi
done
wait "$nginx"
echo 'nginx has ended' >&2
exit 1
`;
