package io.shopbridge.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** What the commands of a running instance say where it does not do what they ask, or is none. */
class OperatorTest {

    private final StringWriter out = new StringWriter();
    private HttpServer server;

    @BeforeEach
    void listen() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.start();
    }

    @AfterEach
    void close() {
        server.stop(0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            401 | {"status":401,"error":"Unauthorized"} | does not accept the name and password. Set SHOPBRIDGE_
            429 | Too many logins failed                | was asked too often with a wrong password
            429 | {"detail":"Two exports are under way"} | Two exports are under way
            502 | <html>Bad Gateway</html>              | answered 502. Give the address of an instance with --at
            200 | <html>It works!</html>                | is no instance. Give the address of one with --at
            """)
    void anAnswerThatIsNoneSaysWhatToDo(int status, String body, String says) {
        answers(status, body);

        assertThat(run("decide", "--at", address())).isOne();
        assertThat(out.toString()).contains(says).doesNotContain("Exception", "Unrecognized");
    }

    @Test
    void anInstanceThatIsNotThereIsNamed() {
        String address = address();
        server.stop(0);

        assertThat(run("decide", "--at", address)).isOne();
        assertThat(out.toString()).contains("No instance answers at " + address + ": it can't be connected to");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:8080", "ftp://localhost", "", "http://", "http://localhost:99999",
        "http://operator:hunter2@localhost", "http://operator:hunter2 @localhost",
        "http://localhost/console", "http://exa_mple"})
    void whatIsNoAddressIsAWrongCall(String at) {
        assertThat(run("decide", "--at", at)).isEqualTo(2);
        assertThat(out.toString()).startsWith("--at must be").doesNotContain("hunter2");
    }

    @Test
    void subscriptionsThatWereNotComparedAreNotWell() {
        answers(200, "{\"store\": \"main\", \"address\": null, \"faults\": [], \"notes\": [\"Set the address\"]}");

        assertThat(run("webhooks", "--store", "main", "--at", address())).isOne();
        assertThat(out.toString()).contains("Not compared.", "Set the address").doesNotContain("Nothing is missing");
    }

    @Test
    void anExportHasAName() {
        assertThat(run("export", "--what", "../orders")).isEqualTo(2);
        assertThat(out.toString()).startsWith("--what: a name has letters, digits, - and _ alone");
    }

    @Test
    void anExportReplacesFilesAlone(@TempDir Path folder) {
        answers(200, "id\r\n");

        assertThat(run("export", "--what", "orders", "--at", address(), "--to", folder.toString())).isEqualTo(2);
        assertThat(out.toString()).contains(folder + " is not a file");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aFullDiskIsNotTheInstancesFault() {
        answers(200, "id\r\n");
        Asking asking = new Asking();
        new CommandLine(asking).parseArgs("--at", address());

        assertThatThrownBy(() -> asking.operator.download("/", new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                throw new IOException("No space left on device");
            }
        })).isInstanceOf(IOException.class).hasMessage("No space left on device");
    }

    @Command
    private static final class Asking {
        @Mixin
        private Operator operator;
    }

    private String address() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    private void answers(int status, String body) {
        server.createContext("/", exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
    }

    private int run(String... arguments) {
        PrintWriter writer = new PrintWriter(out, true);
        return Commands.line().setOut(writer).setErr(writer).execute(arguments);
    }
}
