package io.shopbridge.sandbox.server;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Map;

/** A CRM's double on the loopback interface: what the sandbox, tests and benchmarks ask of any of them. */
public abstract class SimulatedCrm implements AutoCloseable {

    private CrmServer server;

    protected SimulatedCrm() {
    }

    /**
     * Takes calls from now on: the last thing that a constructor does.
     *
     * @param port 0 takes any free port
     * @throws IllegalStateException if the port is taken
     */
    protected final void serve(String name, int port, Options options, CrmServer.Api api) {
        server = new CrmServer(name, port, options, this, api);
    }

    public final int port() {
        return server.port();
    }

    /** For example {@code http://localhost:8181}, without a path. */
    public final String baseUrl() {
        return "http://localhost:" + port();
    }

    public final Faults faults() {
        return server.faults();
    }

    /** Number of calls by method and path template, refused ones included, {@code /sandbox} paths not. */
    public final Map<String, Long> calls() {
        return server.calls();
    }

    /** Each record of this object that is not deleted, in the CRM's own shape. */
    public abstract List<ObjectNode> records(String object);

    /** Forgets every record. */
    public abstract void clear();

    @Override
    public void close() {
        server.close();
    }
}
