package io.shopbridge.bench;

import io.shopbridge.bench.CrmDouble.Held;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Measures Shopbridge as a whole: webhooks in at one end, records of a simulated CRM at the other. Run it by
 * {@code src/bench/run.sh}; the README beside that says what each figure means.
 */
public final class Bench {

    private static final int PATIENCE_MS = 30_000;
    private static final int CONNECTIONS = 64;

    /** What a run of webhooks came to in the CRM. */
    private record Delivered(double perSecond, List<Lag> lags, int lost, int doubled, int stale) {

        /** @param share 0.5 for the median; of records whose newest webhook was posted in this time */
        long lagMillis(double share, long from, long to) {
            return quantile(lags.stream().filter(lag -> lag.postedAt() >= from && lag.postedAt() < to)
                    .mapToLong(Lag::millis).sorted().toArray(), share);
        }

        long lagMillis(double share) {
            return lagMillis(share, Long.MIN_VALUE, Long.MAX_VALUE);
        }
    }

    /** How late the newest state of a record was in the CRM; when it was posted, in ms since the epoch. */
    private record Lag(long postedAt, long millis) {

        Lag longer(Lag other) {
            return other.millis > millis ? other : this;
        }
    }

    /** What the JVM and PostgreSQL had taken of the processors at a time, in ms since the epoch. */
    private record Sample(long at, ThreadTimes threads, double postgresMillis) {
    }

    private final Map<String, String> options;
    private final Workload workload;
    private final Load load;
    private final CrmDouble crm;
    private final Application application;

    private Bench(Map<String, String> options, Workload workload, Load load, CrmDouble crm, Application application) {
        this.options = options;
        this.workload = workload;
        this.load = load;
        this.crm = crm;
        this.application = application;
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = options(arguments);
        Path project = Path.of("").toAbsolutePath();
        Path jar = Path.of(options.get("jar")).toAbsolutePath();
        Path directory = Files.createTempDirectory("shopbridge-bench");
        int port = freePort();
        String name = options.get("crm");
        boolean limited = !options.get("limits").equals("none");
        Path shipped = project.resolve("mappings");
        Path mappings = limited ? shipped : Unpaced.copy(shipped, name, directory.resolve("mappings"));
        try (CrmDouble crm = CrmDouble.start(project, directory, jar, name, limited, freePort(), freePort());
                Application application = Application.start(project, mappings, directory, jar,
                        List.of(options.get("java-options").split(" ")), name, crm.port(), port)) {
            // Where the bench is interrupted, what it started ends too.
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                application.close();
                crm.close();
            }));
            Workload workload = new Workload(port, Integer.parseInt(options.get("spread")));
            say("%s, %s, Java %s, %d processors, orders of %d bytes, %s", name,
                    limited ? "with its limits" : "without limits", System.getProperty("java.version"),
                    Runtime.getRuntime().availableProcessors(), workload.orderSize(), directory);
            Bench bench = new Bench(options, workload, new Load(port, CONNECTIONS), crm, application);
            for (String phase : options.get("phases").split(",")) {
                bench.run(phase);
            }
            say("memory: JVM peak %d MB resident, PostgreSQL %d MB", application.peakMegabytes(),
                    application.postgres().megabytes());
        }
    }

    private static Map<String, String> options(String[] arguments) {
        Map<String, String> options = new HashMap<>(Map.of("crm", "crm-one", "jar", "target/shopbridge.jar",
                "java-options", "-Xmx256m -XX:+UseSerialGC", "phases", "warm-up,steady,burst,paced,ramp",
                "webhooks", "18000", "seconds", "10", "hold", "30", "steady-seconds", "180", "pace", "1500",
                "spread", "100"));
        options.put("limits", "shipped");
        options.put("window", "30");
        options.put("steps", "1000,2000,3000,4000,5000,6000");
        options.put("latencies", "5,50");
        for (String argument : arguments) {
            String[] parts = argument.replaceFirst("^--", "").split("=", 2);
            if (parts.length < 2 || !options.containsKey(parts[0])) {
                System.err.println("Unknown argument " + argument + "; known are, with their defaults, "
                        + new TreeMap<>(options));
                System.exit(2);
            }
            options.put(parts[0], parts[1]);
        }
        return options;
    }

    private int number(String option) {
        return Integer.parseInt(options.get(option));
    }

    private int[] numbers(String option) {
        return Arrays.stream(options.get(option).split(",")).mapToInt(Integer::parseInt).toArray();
    }

    private void run(String phase) throws IOException, InterruptedException {
        switch (phase) {
            case "warm-up" -> {
                deliver("warm-up", 4000, 1000, 5);
                deliver("warm-up", 8000, Double.POSITIVE_INFINITY, 5);
            }
            case "steady" -> {
                for (int latency : numbers("latencies")) {
                    deliver("steady", 100 * number("steady-seconds"), 100, latency);
                }
            }
            case "burst" -> {
                for (int latency : numbers("latencies")) {
                    deliver("burst", number("webhooks"), Double.POSITIVE_INFINITY, latency);
                }
            }
            case "paced" -> {
                for (int latency : numbers("latencies")) {
                    deliver("paced", number("webhooks"), number("pace"), latency);
                }
            }
            case "ramp" -> ramp();
            default -> throw new IllegalArgumentException("No phase " + phase
                    + "; there are warm-up, steady, burst, paced, ramp");
        }
    }

    /** Raises the rate until the 99th percentile of the answers passes a second, then holds the last that did not. */
    private void ramp() throws IOException, InterruptedException {
        int best = 0;
        for (int rate : numbers("steps")) {
            if (!holds("ramp", rate, number("seconds"))) {
                break;
            }
            best = rate;
        }
        if (best > 0) {
            holds("hold", best, number("hold"));
        }
    }

    private boolean holds(String phase, int rate, int seconds) throws IOException, InterruptedException {
        List<Webhook> webhooks = workload.webhooks(rate * seconds);
        Load.Result result = load.send(webhooks, rate);
        Delivered delivered = settle(webhooks, result);
        boolean holds = result.refused() == 0 && result.ackMillis(0.99) < 1000
                && result.acksPerSecond() > 0.97 * rate;
        say("%-8s %5d/s for %d s: %s  ack p50 %.1f p99 %.1f ms, %.0f acks/s, refused %d; later lost %d doubled %d"
                + " stale %d", phase, rate, seconds, holds ? "held" : "NOT held", result.ackMillis(0.5),
                result.ackMillis(0.99), result.acksPerSecond(), result.refused(), delivered.lost(), delivered.doubled(),
                delivered.stale());
        crm.clear();
        return holds;
    }

    private void deliver(String phase, int count, double rate, int latency) throws IOException, InterruptedException {
        crm.latency(latency);
        List<Webhook> webhooks = workload.webhooks(count);
        System.gc();
        Map<String, Long> callsBefore = crm.callsByPath();
        Sample before = sample();
        List<Sample> samples = new CopyOnWriteArrayList<>();
        ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
        clock.scheduleAtFixedRate(() -> samples.add(sample()), 0, number("window"), TimeUnit.SECONDS);
        Load.Result result = load.send(webhooks, rate);
        clock.shutdownNow();
        Delivered delivered = settle(webhooks, result);
        ThreadTimes threads = application.threads().since(before.threads());
        double postgres = (sample().postgresMillis() - before.postgresMillis()) / webhooks.size();
        say("%-8s CRM %d ms, %d webhooks at %s: ack p50 %.1f p99 %.1f ms, %.0f acks/s, refused %d; delivered %.0f/s, lag"
                + " p50 %d p95 %d p99 %d ms; lost %d doubled %d stale %d", phase, latency, webhooks.size(),
                Double.isInfinite(rate) ? "once" : (int) rate + "/s",
                result.ackMillis(0.5), result.ackMillis(0.99), result.acksPerSecond(), result.refused(),
                delivered.perSecond(), delivered.lagMillis(0.5), delivered.lagMillis(0.95), delivered.lagMillis(0.99),
                delivered.lost(), delivered.doubled(), delivered.stale());
        say("         CPU a webhook, ms: JVM %.2f (%s), PostgreSQL %.2f; memory: JVM %d MB, PostgreSQL %d MB",
                threads.all() / webhooks.size(), threads.perWebhook(webhooks.size()), postgres, application.megabytes(),
                application.postgres().megabytes());
        Map<String, Long> calls = new TreeMap<>(crm.callsByPath());
        calls.replaceAll((path, number) -> number - callsBefore.getOrDefault(path, 0L));
        calls.values().removeIf(number -> number == 0);
        say("         calls per 1000 webhooks: %.1f", perThousand(calls.values().stream().mapToLong(Long::longValue).sum(),
                webhooks));
        calls.forEach((path, number) -> say("         %8.1f %s", perThousand(number, webhooks), path));
        for (int i = 1; i < samples.size() && phase.equals("steady"); i++) {
            window(samples.get(i - 1), samples.get(i), result, delivered);
        }
        crm.clear();
    }

    private static double perThousand(long calls, List<Webhook> webhooks) {
        return calls * 1000.0 / webhooks.size();
    }

    private Sample sample() {
        return new Sample(System.currentTimeMillis(), application.threads(),
                application.postgres().cpu().toNanos() / 1e6);
    }

    private static void window(Sample from, Sample to, Load.Result result, Delivered delivered) {
        int webhooks = (int) result.written(from.at(), to.at()).count();
        ThreadTimes threads = to.threads().since(from.threads());
        say("         %d webhooks in %d s: ack p50 %.1f p99 %.1f ms; lag p50 %d p95 %d ms; CPU a webhook, ms: JVM %.2f (%s),"
                + " PostgreSQL %.2f; the JIT takes %.0f %% of the JVM's", webhooks, (to.at() - from.at()) / 1000,
                result.ackMillis(0.5, from.at(), to.at()), result.ackMillis(0.99, from.at(), to.at()),
                delivered.lagMillis(0.5, from.at(), to.at()), delivered.lagMillis(0.95, from.at(), to.at()),
                threads.all() / webhooks, threads.perWebhook(webhooks),
                (to.postgresMillis() - from.postgresMillis()) / webhooks,
                100 * threads.of(ThreadTimes.Group.JIT) / threads.all());
    }

    /** Waits until the CRM holds the newest state of every accepted record, or nothing has moved for long. */
    private Delivered settle(List<Webhook> webhooks, Load.Result result) throws IOException, InterruptedException {
        Map<String, Integer> newest = new HashMap<>();
        for (int i = 0; i < webhooks.size(); i++) {
            if (result.accepted()[i]) {
                webhooks.get(i).states().forEach((record, version) -> newest.merge(record, version, Math::max));
            }
        }
        long calls = crm.calls();
        long since = System.currentTimeMillis();
        Map<String, List<Held>> held = Map.of();
        boolean complete = false;
        while (!complete && System.currentTimeMillis() - since < PATIENCE_MS) {
            Thread.sleep(1500);
            long now = crm.calls();
            if (now != calls) {
                calls = now;
                since = System.currentTimeMillis();
            } else {
                // Only when it is quiet: reading all records costs the double what it should give to calls.
                held = crm.records();
                complete = faults(newest, held)[0] + faults(newest, held)[2] == 0;
            }
        }
        int[] faults = faults(newest, held);
        // The lag of a record is that of its newest state, from the first webhook that brought it.
        Map<String, Lag> lags = new HashMap<>();
        long first = Long.MAX_VALUE;
        long last = 0;
        for (int i = 0; i < webhooks.size(); i++) {
            first = Math.min(first, result.postedAt()[i]);
            for (Map.Entry<String, Integer> state : webhooks.get(i).states().entrySet()) {
                List<Held> there = held.getOrDefault(state.getKey(), List.of());
                if (there.size() == 1 && there.get(0).version() == state.getValue()) {
                    lags.merge(state.getKey(), new Lag(result.postedAt()[i],
                            there.get(0).appliedAt() - result.postedAt()[i]), Lag::longer);
                    last = Math.max(last, there.get(0).appliedAt());
                }
            }
        }
        double perSecond = last == 0 ? 0 : result.acks() * 1000.0 / Math.max(1, last - first);
        return new Delivered(perSecond, List.copyOf(lags.values()), faults[0], faults[1], faults[2]);
    }

    /** Lost, doubled, stale. */
    private static int[] faults(Map<String, Integer> newest, Map<String, List<Held>> held) {
        int[] faults = new int[3];
        newest.forEach((record, version) -> {
            List<Held> there = held.getOrDefault(record, List.of());
            faults[0] += there.isEmpty() ? 1 : 0;
            faults[1] += there.size() > 1 ? 1 : 0;
            faults[2] += there.size() == 1 && there.get(0).version() != version ? 1 : 0;
        });
        return faults;
    }

    static long quantile(long[] sorted, double share) {
        return sorted.length == 0 ? -1 : sorted[Math.min(sorted.length - 1, (int) (sorted.length * share))];
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static void say(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }
}
