package io.shopbridge.receive;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;
import org.apache.tomcat.util.net.ApplicationBufferHandler;

/**
 * Closes the connection of a request that was refused before its body was read. Tomcat would wait for the rest of the
 * body, to reuse the connection, and a hundred slow senders without a password would block its hundred threads.
 */
class UnreadBodyValve extends ValveBase {

    private static final int REFUSED = 400;

    UnreadBodyValve() {
        super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        getNext().invoke(request, response);
        if (!request.isAsync() && response.getStatus() >= REFUSED && !isRead(request.getCoyoteRequest())) {
            if (!response.isCommitted()) {
                response.setHeader("Connection", "close");
            }
            response.finishResponse();
            response.getCoyoteResponse().action(ActionCode.CLOSE_NOW, null);
        }
    }

    /** Whether the body ends within what has come in so far, as small ones do. */
    private static boolean isRead(org.apache.coyote.Request request) throws IOException {
        Nowhere nowhere = new Nowhere();
        while (!request.isFinished() && request.getInputBuffer().available() > 0) {
            request.doRead(nowhere);
        }
        return request.isFinished();
    }

    /** Takes what is read and keeps nothing of it. */
    private static final class Nowhere implements ApplicationBufferHandler {

        private ByteBuffer buffer;

        @Override
        public void setByteBuffer(ByteBuffer buffer) {
            this.buffer = buffer;
        }

        @Override
        public ByteBuffer getByteBuffer() {
            return buffer;
        }

        @Override
        public void expand(int size) {
            // The buffer is always the server's own.
        }
    }
}
