package io.shopbridge.bench;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/**
 * Sends webhooks over kept-alive connections at a fixed pace. Each is due at a time of its own and its answer is timed
 * from then, not from when a connection was free: waiting behind a slow answer counts.
 */
final class Load {

    /**
     * What came of a run.
     *
     * @param micros     from due to answered, of each webhook
     * @param postedAt   when each webhook was written, ms since the epoch
     * @param accepted   whether each was answered 200
     * @param seconds    from the first due time to the last answer
     * @param refused    answers other than 200, and broken connections
     */
    record Result(long[] micros, long[] postedAt, boolean[] accepted, double seconds, int refused) {

        int acks() {
            return micros.length - refused;
        }

        double acksPerSecond() {
            return acks() / seconds;
        }

        /** @param share 0.5 for the median, in milliseconds; of those answered 200 */
        double ackMillis(double share) {
            return ackMillis(share, Long.MIN_VALUE, Long.MAX_VALUE);
        }

        /** The same of those that were written in this time, in ms since the epoch. */
        double ackMillis(double share, long from, long to) {
            return Bench.quantile(written(from, to).filter(i -> accepted[i]).mapToLong(i -> micros[i]).sorted().toArray(),
                    share) / 1000.0;
        }

        /** The places of the webhooks that were written in this time. */
        IntStream written(long from, long to) {
            return IntStream.range(0, postedAt.length).filter(i -> postedAt[i] >= from && postedAt[i] < to);
        }
    }

    private final int port;
    private final int connections;

    Load(int port, int connections) {
        this.port = port;
        this.connections = connections;
    }

    /** @param perSecond the pace; infinite: as fast as the connections are answered */
    Result send(List<Webhook> webhooks, double perSecond) throws InterruptedException {
        long[] micros = new long[webhooks.size()];
        long[] postedAt = new long[webhooks.size()];
        boolean[] accepted = new boolean[webhooks.size()];
        AtomicInteger next = new AtomicInteger();
        long begin = System.nanoTime() + 50_000_000;
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < connections; i++) {
            Thread thread = new Thread(() -> {
                Connection connection = new Connection();
                int mine;
                while ((mine = next.getAndIncrement()) < micros.length) {
                    long due = Double.isInfinite(perSecond)
                            ? Math.max(begin, System.nanoTime()) : begin + (long) (mine * 1e9 / perSecond);
                    for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                        LockSupport.parkNanos(left);
                    }
                    postedAt[mine] = System.currentTimeMillis();
                    accepted[mine] = connection.post(webhooks.get(mine).request());
                    micros[mine] = (System.nanoTime() - due) / 1000;
                }
                connection.close();
            }, "load-" + i);
            threads.add(thread);
            thread.start();
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        int refused = (int) IntStream.range(0, micros.length).filter(place -> !accepted[place]).count();
        return new Result(micros, postedAt, accepted, seconds, refused);
    }

    /** A lean HTTP/1.1 client: the load shares its processors with what it measures. */
    private final class Connection {

        private Socket socket;
        private InputStream in;

        boolean post(byte[] request) {
            try {
                if (socket == null) {
                    socket = new Socket(InetAddress.getLoopbackAddress(), port);
                    socket.setTcpNoDelay(true);
                    socket.setSoTimeout(10_000);
                    in = new BufferedInputStream(socket.getInputStream(), 1024);
                }
                socket.getOutputStream().write(request);
                return answer() == 200;
            } catch (IOException e) {
                close();
                return false;
            }
        }

        private int answer() throws IOException {
            int status = Integer.parseInt(line().split(" ")[1]);
            int length = 0;
            boolean chunked = false;
            boolean last = false;
            for (String header = line(); !header.isEmpty(); header = line()) {
                String lower = header.toLowerCase();
                if (lower.startsWith("content-length:")) {
                    length = Integer.parseInt(lower.substring(15).trim());
                }
                chunked |= lower.startsWith("transfer-encoding:") && lower.contains("chunked");
                last |= lower.startsWith("connection:") && lower.contains("close");
            }
            if (chunked) {
                for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
                    in.readNBytes(size);
                    line();
                }
                line();
            } else {
                in.readNBytes(length);
            }
            if (last) {
                close();
            }
            return status;
        }

        private String line() throws IOException {
            StringBuilder line = new StringBuilder(64);
            for (int c = in.read(); c != '\n'; c = in.read()) {
                if (c < 0) {
                    throw new EOFException();
                }
                if (c != '\r') {
                    line.append((char) c);
                }
            }
            return line.toString();
        }

        void close() {
            try {
                if (socket != null) {
                    socket.close();
                }
            } catch (IOException e) {
                // It is closed either way.
            }
            socket = null;
        }
    }
}
