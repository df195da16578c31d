package io.shopbridge.receive;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.io.InputStream;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ValveBase;
import org.apache.coyote.ActionCode;

/**
 * Closes the connection of a request that was refused before its body was there. Tomcat would wait for the rest of the
 * body, to use the connection again, and a hundred slow senders without a password would hold its hundred threads.
 */
class UnreadBodyValve extends ValveBase {

    private static final int REFUSED = 400;
    private static final int BLOCK = 8 * 1024;

    UnreadBodyValve() {
        super(true);
    }

    @Override
    public void invoke(Request request, Response response) throws IOException, ServletException {
        getNext().invoke(request, response);
        if (!request.isAsync() && response.getStatus() >= REFUSED && !isRead(request)) {
            if (!response.isCommitted()) {
                response.setHeader("Connection", "close");
            }
            response.finishResponse();
            response.getCoyoteResponse().action(ActionCode.CLOSE_NOW, null);
        }
    }

    /** Whether the body ends within what has come in so far, as small ones do. */
    private static boolean isRead(Request request) throws IOException {
        InputStream in = request.getStream();
        byte[] block = new byte[BLOCK];
        while (!request.isFinished() && in.available() > 0) {
            in.read(block);
        }
        return request.isFinished();
    }
}
