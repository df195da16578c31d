#!/bin/sh
# Measures how fast one core maps; arguments go to JMH, as in "src/bench/mapping.sh -f 3". Run it on an idle machine.
set -eu
cd "$(dirname "$0")/../.."
mvn -q -B -P bench test-compile dependency:build-classpath -Dmdep.outputFile=target/bench.classpath
exec java -cp "target/test-classes:target/classes:$(cat target/bench.classpath)" org.openjdk.jmh.Main MappingBenchmark "$@"
