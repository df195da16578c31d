package io.shopbridge.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Shopbridge in a process of its own, with its embedded PostgreSQL in a directory that is new. */
final class Application implements AutoCloseable {

    private final Child child;
    private final Path data;
    private final int port;

    private Application(Child child, Path data, int port) {
        this.child = child;
        this.data = data;
        this.port = port;
    }

    static Application start(Path project, Path directory, Path jar, List<String> javaOptions, String crm, int crmPort,
            int port) throws IOException, InterruptedException {
        Path data = directory.resolve("postgres");
        List<String> command = new ArrayList<>(List.of(Child.java()));
        command.addAll(javaOptions);
        command.addAll(List.of("-jar", jar.toString(),
                "--server.port=" + port, "--server.address=127.0.0.1",
                "--shopbridge.routes-dir=" + project.resolve("routes"),
                "--shopbridge.mappings-dir=" + project.resolve("mappings"),
                "--shopbridge.embedded-postgres.data-dir=" + data,
                "--shopbridge.stores.main.domain=" + Workload.DOMAIN,
                "--shopbridge.stores.main.webhook-secrets=" + Workload.SECRET,
                "--shopbridge.crms." + crm + ".base-url=http://localhost:" + crmPort,
                "--shopbridge.crms." + crm + ".token=" + CrmDouble.TOKEN,
                "--shopbridge.operator.username=bench", "--shopbridge.operator.password=bench"));
        Child child = Child.start(project, directory.resolve("shopbridge.log"), command);
        Application application = new Application(child, data, port);
        try {
            application.awaitReady();
        } catch (IOException | InterruptedException | RuntimeException e) {
            application.close();
            throw e;
        }
        return application;
    }

    private void awaitReady() throws IOException, InterruptedException {
        HttpRequest ready = HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:" + port + "/actuator/health/readiness")).build();
        HttpClient http = HttpClient.newHttpClient();
        for (int i = 0; i < 600; i++) {
            if (!child.alive()) {
                throw new IOException("Shopbridge ended at once; its log:\n" + Files.readString(child.log()));
            }
            try {
                if (http.send(ready, BodyHandlers.discarding()).statusCode() == 200) {
                    return;
                }
            } catch (IOException notYet) {
                // It does not listen yet.
            }
            Thread.sleep(200);
        }
        throw new IOException("Shopbridge was not ready within two minutes; its log is " + child.log());
    }

    long peakMegabytes() {
        return child.peakMegabytes();
    }

    /** The memory of PostgreSQL, in MB, each process with its share of what they share (Pss of proc(5)). */
    long postgresMegabytes() {
        return postmaster().map(postmaster -> Stream.concat(Stream.of(postmaster), postmaster.descendants())
                .mapToLong(one -> Child.kilobytes(one.pid(), "smaps_rollup", "Pss:")).sum() / 1024).orElse(0L);
    }

    /** The processor time that the JVM has taken. */
    Duration cpu() {
        return child.cpu();
    }

    /** The processor time that the PostgreSQL processes have taken that live now. */
    Duration postgresCpu() {
        return postmaster().map(postmaster -> Stream.concat(Stream.of(postmaster), postmaster.descendants())
                .map(one -> one.info().totalCpuDuration().orElse(Duration.ZERO))
                .reduce(Duration.ZERO, Duration::plus)).orElse(Duration.ZERO);
    }

    private Optional<ProcessHandle> postmaster() {
        try {
            long pid = Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid")).get(0).trim());
            return ProcessHandle.of(pid);
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        Optional<ProcessHandle> postmaster = postmaster();
        child.close();
        // Shopbridge stops it; only a killed Shopbridge leaves it behind.
        postmaster.filter(ProcessHandle::isAlive).ifPresent(ProcessHandle::destroy);
    }
}
