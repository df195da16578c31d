package io.shopbridge.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the process needs at worst, with 512 MB of heap and the flag that ends it where they are not enough: a bomb of
 * gzip, bodies without an end, connections that say nothing, and large signed bodies all at once. Takes minutes; it prints
 * heap and resident memory after each: {@code mvn test -Dtest=MemoryOfTheWorst}.
 */
class MemoryOfTheWorst {

    private static final int MB = 1024 * 1024;
    private static final int HEAP = 512;
    private static final int BOMB = 1200;
    private static final int ENDLESS = 8;
    private static final int SLOW = 500;
    private static final int LARGE = 60;
    private static final int LARGE_BYTES = 4_900_000 - 300;

    @TempDir
    private Path directory;

    /** Something that is done to the process, and gives what came of it. */
    private interface Attack {

        String on(FuzzedProcess shopbridge) throws Exception;
    }

    @Test
    void isBelowTheHeapOfTheContainer() throws Exception {
        Map<String, Attack> attacks = new TreeMap<>(Map.of("1 gzip bombs", MemoryOfTheWorst::bombs,
                "2 endless chunks", MemoryOfTheWorst::endless, "3 slow connections", MemoryOfTheWorst::slow,
                "4 large signed bodies", MemoryOfTheWorst::large));
        try (FuzzedProcess shopbridge = new FuzzedProcess(directory)) {
            System.out.printf("started: heap %d MB, resident %d MB%n", shopbridge.peakHeap(), shopbridge.peakMemory());
            for (Map.Entry<String, Attack> attack : attacks.entrySet()) {
                String result = attack.getValue().on(shopbridge);
                System.out.printf("%s: %s; peak heap %d MB of %d, resident %d MB%n", attack.getKey(), result,
                        shopbridge.peakHeap(), HEAP, shopbridge.peakMemory());
                assertThat(shopbridge.isAlive()).as("alive after " + attack.getKey()).isTrue();
            }
            assertThat(shopbridge.get("/actuator/health/liveness")).isEqualTo(200);
        }
    }

    private static String bombs(FuzzedProcess shopbridge) throws Exception {
        ByteArrayOutputStream bomb = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bomb)) {
            byte[] zeros = new byte[MB];
            for (int i = 0; i < BOMB; i++) {
                gzip.write(zeros);
            }
        }
        return atOnce(4, 4, number -> {
            try (Socket socket = connect(shopbridge)) {
                OutputStream out = socket.getOutputStream();
                out.write(head("nobody", "Content-Encoding: gzip\r\nContent-Length: " + bomb.size()));
                out.write(bomb.toByteArray());
                return answer(socket);
            }
        });
    }

    private static String endless(FuzzedProcess shopbridge) throws Exception {
        return atOnce(ENDLESS, ENDLESS, number -> {
            try (Socket socket = connect(shopbridge);
                    OutputStream out = new BufferedOutputStream(socket.getOutputStream())) {
                out.write(head(number % 2 == 0 ? "nobody" : FuzzedProcess.MAIN, "Transfer-Encoding: chunked"));
                byte[] chunk = ("10000\r\n" + "x".repeat(0x10000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
                for (int sent = 0; sent < 200 * MB; sent += chunk.length) {
                    out.write(chunk);
                }
                return "200 MB taken";
            } catch (IOException e) {
                return "cut off";
            }
        });
    }

    private static String slow(FuzzedProcess shopbridge) throws Exception {
        List<Socket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < SLOW; i++) {
                Socket socket = connect(shopbridge);
                socket.getOutputStream().write(head(i % 2 == 0 ? "nobody" : FuzzedProcess.MAIN, "Content-Length: 1000"));
                sockets.add(socket);
            }
            long slowest = 0;
            Map<Integer, Integer> answers = new TreeMap<>();
            for (int i = 0; i < 10; i++) {
                long began = System.nanoTime();
                answers.merge(shopbridge.post(FuzzedProcess.MAIN, customer("quick " + i, 7_000_000_000L + i, 10)), 1,
                        Integer::sum);
                answers.merge(shopbridge.get("/actuator/health/liveness"), 1, Integer::sum);
                slowest = Math.max(slowest, System.nanoTime() - began);
                TimeUnit.SECONDS.sleep(1);
            }
            return "webhooks and liveness beside " + SLOW + " of them " + answers + ", slowest pair "
                    + TimeUnit.NANOSECONDS.toMillis(slowest) + " ms";
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private static String large(FuzzedProcess shopbridge) throws Exception {
        String answers = atOnce(LARGE, 30, number -> Integer.toString(shopbridge.post(FuzzedProcess.MAIN,
                customer("large " + number, 8_000_000_000L + number, LARGE_BYTES))));
        for (int i = 0; i < 120 && shopbridge.isAlive() && shopbridge.count("SELECT (SELECT count(*) FROM inbox_waiting)"
                + " + (SELECT count(*) FROM work WHERE claimed_by IS NOT NULL OR due_at < now())") > 0; i++) {
            TimeUnit.SECONDS.sleep(1);
        }
        return answers + ", then " + shopbridge.texts("SELECT outcome || ' ' || count(*) FROM outcome GROUP BY outcome");
    }

    /** Text that doesn't compress, so that it is as large everywhere. */
    private static Body customer(String name, long id, int bytes) {
        String note = new Random(id).ints(bytes, 'a', 'z' + 1).collect(StringBuilder::new,
                StringBuilder::appendCodePoint, StringBuilder::append).toString();
        return new Body(name, "customers/update", """
                {"id": %d, "email": "big%1$d@good.example", "last_name": "Big", "updated_at": "%s", "note": "%s"}"""
                .formatted(id, Instant.now(), note).getBytes(StandardCharsets.UTF_8));
    }

    private interface Numbered {

        String call(int number) throws Exception;
    }

    /** Counts of the answers. */
    private static String atOnce(int calls, int threads, Numbered call) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<String>> all = new ArrayList<>();
            for (int i = 0; i < calls; i++) {
                int number = i;
                all.add(() -> call.call(number));
            }
            Map<String, Integer> answers = new ConcurrentHashMap<>();
            for (Future<String> answer : pool.invokeAll(all)) {
                answers.merge(answer.get(), 1, Integer::sum);
            }
            return answers.toString();
        } finally {
            pool.shutdownNow();
        }
    }

    private static Socket connect(FuzzedProcess shopbridge) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress("127.0.0.1", shopbridge.port()), 5000);
        socket.setSoTimeout(15_000);
        return socket;
    }

    private static byte[] head(String store, String headers) {
        return ("POST /webhooks/shopify/" + store + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                + headers + "\r\n\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static String answer(Socket socket) {
        try {
            String line = new String(socket.getInputStream().readNBytes(12), StandardCharsets.ISO_8859_1);
            return line.isEmpty() ? "closed" : line;
        } catch (IOException e) {
            return "cut off";
        }
    }
}
