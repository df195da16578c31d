package io.shopbridge.operate;

import io.shopbridge.poll.Progress;
import io.shopbridge.poll.Watermarks;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import java.util.List;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
@Tag(name = "polls", description = "Delta polls of the shops")
class PollsApi {

    private final Watermarks watermarks;

    PollsApi(Watermarks watermarks) {
        this.watermarks = watermarks;
    }

    @GetMapping("/api/v1/polls")
    @Operation(summary = "Lists how far each store and entity was read, and why polls fail")
    List<Progress> polls() {
        return watermarks.all();
    }
}
