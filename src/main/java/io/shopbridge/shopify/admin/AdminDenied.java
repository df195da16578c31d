package io.shopbridge.shopify.admin;

/** The shop does not accept our access, or the app lacks a scope: a person must act. */
public final class AdminDenied extends AdminFailure {

    AdminDenied(String message) {
        super(message, null);
    }
}
