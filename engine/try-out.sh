# shellcheck shell=bash
# Sourced by engine/fetch: is the NGINX of a prefix one that works?

# launch PREFIX ARGUMENT...: NGINX through the prefix's own loader.
launch() {
  local prefix=$1
  shift
  "$prefix/$loader" --library-path "$prefix/usr/lib/$triplet" "$prefix/usr/sbin/nginx" "$@"
}

# try_out PREFIX FOLDER: tests a frame of a few lines, starts it, and lets it answer one request that goes through Lua. The
# request comes from NGINX itself over a Unix socket, so that neither a free port nor a client is needed.
try_out() {
  local prefix=$1 run=$2 load_optional='' use_optional=''
  local headers_more=$prefix/usr/lib/nginx/modules/ngx_http_headers_more_filter_module.so
  if [ -e "$headers_more" ]; then load_optional="load_module \"$headers_more\";" use_optional='more_clear_headers Server;'; fi
  mkdir -p "$run"
  cat >"$run/frame.conf" <<CONF
load_module "$prefix/usr/lib/nginx/modules/ndk_http_module.so";
load_module "$prefix/usr/lib/nginx/modules/ngx_http_lua_module.so";
load_module "$prefix/usr/lib/nginx/modules/ngx_stream_module.so";
load_module "$prefix/usr/lib/nginx/modules/ngx_stream_js_module.so";
$load_optional
daemon off;
master_process off;
pid "$run/pid";
events { }
stream { js_shared_dict_zone zone=any:64k; }
http {
  access_log off;
  $use_optional
  client_body_temp_path "$run/client-body";
  proxy_temp_path "$run/proxy";
  fastcgi_temp_path "$run/fastcgi";
  uwsgi_temp_path "$run/uwsgi";
  scgi_temp_path "$run/scgi";
  lua_package_path "$prefix/usr/share/lua/5.1/?.lua";
  lua_package_cpath "$prefix/usr/lib/$triplet/lua/5.1/?.so";
  init_by_lua_block { cjson = require("cjson.safe") }
  init_worker_by_lua_block {
    ngx.timer.at(0, function()
      local socket = ngx.socket.tcp()
      assert(socket:connect("unix:$run/socket"))
      assert(socket:send("GET / HTTP/1.1\r\nHost: engine\r\nConnection: close\r\n\r\n"))
      local file = assert(io.open("$run/answer", "w"))
      file:write((assert(socket:receive("*a"))))
      file:close()
      require("ngx.process").signal_graceful_exit()
    end)
  }
  server {
    listen "unix:$run/socket";
    location / { content_by_lua_block { ngx.say(cjson.encode({ lua = ngx.config.ngx_lua_version })) } }
  }
}
CONF
  if ! launch "$prefix" -v >"$run/log" 2>&1 ||
    ! launch "$prefix" -p "$run" -e stderr -c "$run/frame.conf" -t -q >"$run/log" 2>&1; then
    sed 's/^/    /' "$run/log" >&2
    note "NGINX does not start with its modules"
    return 1
  fi
  timeout 20 "$prefix/$loader" --library-path "$prefix/usr/lib/$triplet" "$prefix/usr/sbin/nginx" \
    -p "$run" -e stderr -c "$run/frame.conf" >"$run/log" 2>&1 9>&- || true
  grep -q '"lua":' "$run/answer" 2>/dev/null && return 0
  sed 's/^/    /' "$run/log" >&2
  note "NGINX does not answer a request through Lua"
  return 1
}
