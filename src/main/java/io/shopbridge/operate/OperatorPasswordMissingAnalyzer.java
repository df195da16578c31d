package io.shopbridge.operate;

import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Prints {@link OperatorPasswordMissing} as two paragraphs in place of a stack trace. */
class OperatorPasswordMissingAnalyzer extends AbstractFailureAnalyzer<OperatorPasswordMissing> {

    @Override
    protected FailureAnalysis analyze(Throwable failure, OperatorPasswordMissing cause) {
        return new FailureAnalysis(cause.getMessage(), OperatorPasswordMissing.REMEDY, failure);
    }
}
