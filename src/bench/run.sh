#!/usr/bin/env bash
# Measures Shopbridge on this machine and prints the figures; see README.md beside this file.
#   src/bench/run.sh                          everything, CRM One, about twenty minutes
#   src/bench/run.sh --crm=hubspot --phases=warm-up,steady,burst            HubSpot, at the pace that its folder sets
#   src/bench/run.sh --crm=hubspot --limits=none --phases=warm-up,burst     HubSpot, as fast as it answers
# Packages the jar if the sources are newer. Needs java (17 or later) and mvn; all traffic stays on 127.0.0.1.
set -euo pipefail
cd "$(dirname "$0")/../.."

jar=target/shopbridge.jar
if [ ! -f "$jar" ] || [ -n "$(find src/main src/sandbox pom.xml -newer "$jar" -type f -print -quit)" ]; then
  mvn -q -B -ntp -DskipTests package
fi
mkdir -p target/bench-classes
javac --release 17 -d target/bench-classes -cp "$jar" -sourcepath src/bench/java \
  src/bench/java/io/shopbridge/bench/Bench.java
# The load is made and signed before the clock runs, and is held in memory.
exec java -Xmx2g -XX:+UseSerialGC -cp "target/bench-classes:$jar" \
  io.shopbridge.bench.Bench "$@"
