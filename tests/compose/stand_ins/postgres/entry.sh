# What the image does with POSTGRES_*: an empty folder becomes a cluster, then serve it.
set -eu

if [ ! -e "$PGDATA/PG_VERSION" ]; then
  echo "$POSTGRES_PASSWORD" >/tmp/password
  initdb --username="$POSTGRES_USER" --pwfile=/tmp/password --auth-host=scram-sha-256 >/dev/null
  rm /tmp/password
  echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
  pg_ctl --wait --options="-c listen_addresses='' -k /tmp" start
  psql="psql --host=/tmp --username=$POSTGRES_USER --set=ON_ERROR_STOP=1"
  $psql --dbname=postgres --command="CREATE DATABASE \"$POSTGRES_DB\""
  for file in /docker-entrypoint-initdb.d/*.sql; do
    $psql --dbname="$POSTGRES_DB" --file="$file"
  done
  pg_ctl --wait --mode=fast stop
fi
exec postgres -c listen_addresses='*' -k /tmp
