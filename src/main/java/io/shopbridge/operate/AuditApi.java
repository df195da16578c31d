package io.shopbridge.operate;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import org.springdoc.core.annotations.ParameterObject;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "audit", description = "Who did what, when and from where")
class AuditApi {

    private final AuditEntries entries;

    AuditApi(AuditEntries entries) {
        this.entries = entries;
    }

    @GetMapping("/api/v1/audit")
    @Operation(summary = "Lists what was done, newest first; it is only added to, and never expires")
    Page<AuditEntry> entries(@ParameterObject AuditQuery query, HttpServletRequest request) {
        Parameters.check(request, AuditQuery.NAMES);
        return entries.find(query);
    }
}
