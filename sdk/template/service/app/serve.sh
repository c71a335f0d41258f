# What a shell service is for: it looks at where it runs, and becomes the program that serves.
port=$1
echo "serving $SERVICE_HOME/www for $SERVICE_ID $SERVICE_VERSION"
exec python3 -m http.server "$port" --bind 127.0.0.1 --directory "$SERVICE_HOME/www"
