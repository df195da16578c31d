package io.shopbridge.doorbell;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;
import org.postgresql.PGConnection;
import org.postgresql.PGNotification;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;
import org.springframework.stereotype.Component;

/**
 * Sends wake-ups to the other processes on the same database and receives theirs, by LISTEN/NOTIFY on channel {@code
 * shopbridge}.
 *
 * <p>Signals are collected for 100 ms, since this process looks at once, and sent outside any other transaction: a
 * commit that notifies takes a lock that all such commits share
 * (https://www.postgresql.org/docs/current/sql-notify.html), which must not slow down the inbox.
 */
@Component
class ReplicaNotifications implements SmartLifecycle {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaNotifications.class);
    private static final String CHANNEL = "shopbridge";
    /** The next poll makes up for a signal that is lost in a crash of the server: no need to wait for the disk. */
    private static final String NOTIFY = "SELECT set_config('synchronous_commit', 'off', true),"
            + " pg_notify('" + CHANNEL + "', name || '|' || ?) FROM unnest(?::text[]) AS names (name)";
    private static final long GATHER_MS = 100;
    private static final int LISTEN_MS = 500;
    private static final long RECONNECT_MS = 1000;

    private final Doorbell doorbell;
    private final DataSource dataSource;
    private final String self = UUID.randomUUID().toString().substring(0, 8);
    private final Set<String> toSend = ConcurrentHashMap.newKeySet();
    private final Object sendLock = new Object();
    private volatile boolean running;
    private Thread listener;
    private Thread sender;

    ReplicaNotifications(Doorbell doorbell, DataSource dataSource) {
        this.doorbell = doorbell;
        this.dataSource = dataSource;
        doorbell.forwardTo(name -> {
            if (toSend.add(name)) {
                synchronized (sendLock) {
                    sendLock.notifyAll();
                }
            }
        });
    }

    @Override
    public void start() {
        running = true;
        listener = start("doorbell-listen", this::listen);
        sender = start("doorbell-send", this::send);
    }

    @Override
    public void stop() {
        running = false;
        listener.interrupt();
        sender.interrupt();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Before the routes, which start last. */
    @Override
    public int getPhase() {
        return 0;
    }

    private Thread start(String name, Runnable loop) {
        Thread thread = new Thread(loop, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void listen() {
        while (running) {
            try (Connection connection = dataSource.getConnection(); Statement sql = connection.createStatement()) {
                sql.execute("LISTEN " + CHANNEL);
                PGConnection postgres = connection.unwrap(PGConnection.class);
                while (running) {
                    PGNotification[] notifications = postgres.getNotifications(LISTEN_MS);
                    for (PGNotification notification : notifications == null ? new PGNotification[0] : notifications) {
                        // "<name>" from a person, "<name>|<process>" from a process.
                        String[] parts = notification.getParameter().split("\\|", 2);
                        if (parts.length < 2 || !parts[1].equals(self)) {
                            doorbell.ringHere(parts[0]);
                        }
                    }
                }
                sql.execute("UNLISTEN " + CHANNEL);
            } catch (SQLException e) {
                waitToReconnect(e);
            }
        }
    }

    private void send() {
        while (running) {
            try {
                synchronized (sendLock) {
                    while (toSend.isEmpty()) {
                        sendLock.wait();
                    }
                }
                Thread.sleep(GATHER_MS);
                String[] names = toSend.toArray(String[]::new);
                try (Connection connection = dataSource.getConnection();
                        PreparedStatement notify = connection.prepareStatement(NOTIFY)) {
                    toSend.removeAll(Arrays.asList(names));
                    notify.setString(1, self);
                    notify.setArray(2, connection.createArrayOf("text", names));
                    notify.execute();
                }
            } catch (SQLException e) {
                waitToReconnect(e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void waitToReconnect(SQLException e) {
        if (!running) {
            return;
        }
        LOG.debug("No wake-ups between processes while the database is down: {}", e.getMessage());
        try {
            Thread.sleep(RECONNECT_MS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
