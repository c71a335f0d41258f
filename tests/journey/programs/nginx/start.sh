# nginx knows no variables of the environment in its settings: they are filled in before.
settings=$TMPDIR/nginx.conf
eval "cat <<SETTINGS
$(cat nginx.conf)
SETTINGS" >"$settings"
exec bin/nginx -e stderr -c "$settings" -g "daemon $DAEMON;"
