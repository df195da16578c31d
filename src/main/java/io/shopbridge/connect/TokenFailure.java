package io.shopbridge.connect;

import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Instant;
import javax.net.ssl.SSLException;
import org.apache.commons.lang3.exception.ExceptionUtils;

/** A token endpoint gave no access token. */
public final class TokenFailure extends RuntimeException {

    private final transient boolean silent;
    private final transient Instant until;

    private TokenFailure(String what, boolean silent, Instant until, Throwable cause) {
        super(what, cause);
        this.silent = silent;
        this.until = until;
    }

    static TokenFailure answered(String what, boolean busy, Instant again, Throwable cause) {
        return new TokenFailure("it answered " + what, false, busy ? again : null, cause);
    }

    static TokenFailure unreadable(Throwable cause) {
        return new TokenFailure("its answer is not JSON", false, null, cause);
    }

    static TokenFailure unanswered(Throwable cause, Instant again) {
        return new TokenFailure(network(cause), true, again, cause);
    }

    /** When it may be tried again; null where the credentials are not accepted, and a person must act. */
    public Instant getUntil() {
        return until;
    }

    /**
     * What happened, in a sentence without its end.
     *
     * @param whose the system that the token is for
     */
    public String about(String whose) {
        return silent ? "The token endpoint of " + whose + " did not answer: " + getMessage()
                : whose + " gave no access token; " + getMessage();
    }

    /** What the network says, in words: the client's exceptions often have none of their own. */
    private static String network(Throwable e) {
        if (ExceptionUtils.indexOfType(e, UnresolvedAddressException.class) >= 0
                || ExceptionUtils.indexOfType(e, UnknownHostException.class) >= 0) {
            return "its host name is not known";
        }
        if (ExceptionUtils.indexOfType(e, HttpTimeoutException.class) >= 0
                || ExceptionUtils.indexOfType(e, SocketTimeoutException.class) >= 0) {
            return "it took too long";
        }
        if (ExceptionUtils.indexOfType(e, ConnectException.class) >= 0) {
            return "the connection was refused";
        }
        SSLException untrusted = ExceptionUtils.throwableOfType(e, SSLException.class);
        return untrusted != null ? "no trusted connection: " + untrusted.getMessage() : "the connection broke off";
    }
}
