package io.shopbridge.console;

import io.shopbridge.operate.MirrorTruth;
import io.shopbridge.operate.OutcomeQuery;
import io.shopbridge.operate.Outcomes;
import io.shopbridge.operate.PausedStores;
import io.shopbridge.operate.Problem;
import io.shopbridge.operate.RejectionQuery;
import io.shopbridge.operate.Rejections;
import io.shopbridge.operate.Status;
import io.shopbridge.receive.WebhookCounts;
import jakarta.servlet.http.HttpServletResponse;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * Renders the page. Its forms need no CSRF token: {@code CrossOriginFilter} refuses requests from other sites before
 * they get
 * here.
 */
@Controller
class Console {

    private static final int NEWEST = 30;
    private static final int OPEN = 50;

    private final Status status;
    private final Outcomes outcomes;
    private final Rejections rejections;
    private final WebhookCounts webhooks;
    private final PausedStores stores;
    private final MirrorTruth truth;

    Console(Status status, Outcomes outcomes, Rejections rejections, WebhookCounts webhooks, PausedStores stores,
            MirrorTruth truth) {
        this.truth = truth;
        this.stores = stores;
        this.status = status;
        this.outcomes = outcomes;
        this.rejections = rejections;
        this.webhooks = webhooks;
    }

    /** @param refresh off: the page is not refreshed, for reading, copying and keyboard use */
    @GetMapping("/")
    String page(@RequestParam(defaultValue = "on") String refresh, Model model, HttpServletResponse response) {
        // No script, no image, no font: nothing that got into a table can load or send anything.
        response.setHeader("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline';"
                + " form-action 'self'; frame-ancestors 'none'; base-uri 'none'");
        model.addAttribute("refresh", !refresh.equals("off"));
        model.addAttribute("backlog", status.backlog());
        model.addAttribute("counts", status.outcomes());
        model.addAttribute("conflicts", status.conflicts());
        model.addAttribute("rejected", rejections.find(RejectionQuery.open(OPEN)));
        model.addAttribute("pausedStores", stores.paused());
        model.addAttribute("recounts", truth.faults());
        model.addAttribute("refused", webhooks.refusedLately());
        model.addAttribute("newest", outcomes.find(OutcomeQuery.newest(NEWEST)).items());
        return "console";
    }

    @PostMapping("/rejected/{id}/replay")
    String replay(@PathVariable long id, Model model, HttpServletResponse response) {
        return change(() -> rejections.replay(id), model, response);
    }

    @PostMapping("/rejected/{id}/done")
    String done(@PathVariable long id, Model model, HttpServletResponse response) {
        return change(() -> rejections.done(id), model, response);
    }

    @PostMapping("/stores/{store}/resume")
    String resume(@PathVariable String store, Model model, HttpServletResponse response) {
        return change(() -> {
            String advice = stores.resume(store).advice();
            if (advice != null) {
                model.addAttribute("notice", "Store " + store + " is resumed. " + advice);
            }
        }, model, response);
    }

    private String change(Runnable change, Model model, HttpServletResponse response) {
        try {
            change.run();
            // What must be done besides would be lost by going on to the page.
            return model.containsAttribute("notice") ? page("off", model, response) : "redirect:/";
        } catch (Problem e) {
            response.setStatus(e.getStatusCode().value());
            model.addAttribute("notice", e.getBody().getDetail());
            return page("off", model, response);
        }
    }
}
