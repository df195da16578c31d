package io.shopbridge.store;

import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The rule for every address to which a secret or personal data is sent, at the start, in lint and in doctor: {@code
 * https}, or {@code http} to this machine.
 */
public final class SecureAddress {

    /** What to write instead. */
    public static final String ADVICE =
            "write https://…; http:// only reaches this machine (localhost, 127.0.0.1 or [::1])";

    /** Only an IP address: a name could point to another machine when it is looked up. */
    private static final Pattern ADDRESS = Pattern.compile("[0-9]+(\\.[0-9]+){3}|\\[?[0-9a-fA-F:.]*:[0-9a-fA-F:.]*]?");

    private SecureAddress() {
    }

    /** What is wrong with it; empty: nothing. It is not repeated as a whole, since it could hold a password. */
    public static Optional<String> fault(String url) {
        URI uri = parsed(url);
        if (uri == null || uri.getHost() == null) {
            return Optional.of("is not the address of a server");
        }
        if (uri.getRawUserInfo() != null) {
            return Optional.of("contains a user name or password, which would appear in logs");
        }
        return switch (uri.getScheme().toLowerCase(Locale.ROOT)) {
            case "https" -> Optional.empty();
            case "http" -> isLoopback(uri.getHost()) ? Optional.empty()
                    : Optional.of("would send secrets and personal data to " + uri.getHost() + " unencrypted");
            default -> Optional.of("is neither https nor http");
        };
    }

    /**
     * Refuses an address that breaks the rule.
     *
     * @param setting its full name, for the message
     * @throws InvalidSettings with what is wrong, and what is right
     */
    public static void check(String setting, String url) {
        fault(url).ifPresent(fault -> {
            throw new InvalidSettings(setting + ": " + fault + "; " + ADVICE);
        });
    }

    /** Whether an address is one of this very machine's, whatever its scheme. */
    public static boolean isLoopbackUrl(String url) {
        URI uri = parsed(url);
        return uri != null && uri.getHost() != null && isLoopback(uri.getHost());
    }

    /** Whether a host, as a name or an address, is this very machine. */
    public static boolean isLoopback(String host) {
        if (host.equalsIgnoreCase("localhost")) {
            return true;
        }
        try {
            // Without a look-up: the pattern lets only addresses through.
            return ADDRESS.matcher(host).matches() && InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private static URI parsed(String url) {
        try {
            URI uri = new URI(url.strip());
            return uri.getScheme() == null ? null : uri;
        } catch (URISyntaxException e) {
            return null;
        }
    }
}
