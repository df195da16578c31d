package io.shopbridge.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Shopbridge in a process of its own, with its embedded PostgreSQL in a directory that is new. */
final class Application implements AutoCloseable {

    private final Child child;
    private final PostgresProcesses postgres;
    private final int port;

    private Application(Child child, Path data, int port) {
        this.child = child;
        this.postgres = new PostgresProcesses(data);
        this.port = port;
    }

    static Application start(Path project, Path mappings, Path directory, Path jar, List<String> javaOptions,
            String crm, int crmPort, int port) throws IOException, InterruptedException {
        Path data = directory.resolve("postgres");
        List<String> command = new ArrayList<>(List.of(Child.java()));
        command.addAll(javaOptions);
        command.addAll(List.of("-jar", jar.toString(),
                "--server.port=" + port, "--server.address=127.0.0.1",
                "--shopbridge.routes-dir=" + project.resolve("routes"),
                "--shopbridge.mappings-dir=" + mappings,
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

    /** The memory of the JVM now, in MB. */
    long megabytes() {
        return child.megabytes();
    }

    /** The processor time that the threads of the JVM have taken. */
    ThreadTimes threads() {
        return child.threads();
    }

    PostgresProcesses postgres() {
        return postgres;
    }

    @Override
    public void close() {
        Optional<ProcessHandle> postmaster = postgres.postmaster();
        child.close();
        // Shopbridge stops it; only a killed Shopbridge leaves it behind.
        postmaster.filter(ProcessHandle::isAlive).ifPresent(ProcessHandle::destroy);
    }
}
