package io.shopbridge.shopify.admin;

/**
 * A call to the Admin API that did not succeed. Each kind has one behaviour, and there are no others. The message is for
 * the person who must act; it holds no personal data.
 */
public abstract sealed class AdminFailure extends RuntimeException
        permits AdminBusy, AdminDenied, AdminRefused, AdminLocked, AdminNotConfigured {

    AdminFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
