using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Starling.Server.Channels;

namespace Starling.Apps.Questions;

/// <summary>
/// The board over HTTP. What is new goes out over channels: questions under <see cref="AllTopic"/>, the answers of one question under its own
/// topic, as private updates that only its followers get.
/// </summary>
internal sealed class QuestionsApi(Board board, Visitors visitors, IChannelPublisher channels, ILogger<QuestionsApi> logger)
{
    /// <summary>Where new questions are announced.</summary>
    public const string AllTopic = "/questions/all";

    private const int MaxBodyBytes = 16 * 1024;

    private const string TopicPrefix = "/questions/";

    public static string TopicOf(long question) => string.Create(CultureInfo.InvariantCulture, $"{TopicPrefix}{question}");

    /// <summary>The question whose topic this is; false for other topics and for patterns.</summary>
    public static bool TryParseTopic(string topic, out long question)
    {
        question = 0;
        return topic.StartsWith(TopicPrefix, StringComparison.Ordinal)
            && long.TryParse(topic.AsSpan(TopicPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out question);
    }

    public Task ListAsync(HttpContext context) => WriteAsync(context, 200, board.View(Visitors.Identify(context)), QuestionsJson.Default.BoardView);

    public Task FindAsync(HttpContext context, long id) => board.Find(id, Visitors.Identify(context)) is { } question
        ? WriteAsync(context, 200, question, QuestionsJson.Default.QuestionView)
        : RefuseAsync(context, new Refusal("There is no such question.", "unknown"));

    public async Task AskAsync(HttpContext context)
    {
        if (await ReadAsync(context) is not var (visitor, contribution))
        {
            return;
        }

        var (question, refusal) = await board.AskAsync(contribution, visitor);
        if (question is null)
        {
            await RefuseAsync(context, refusal!);
            return;
        }

        // To the others it is not followed yet.
        await AnnounceAsync(Update.Json(AllTopic, question with { IsFollowed = false, Answers = null }, QuestionsJson.Default.QuestionView));
        await WriteAsync(context, 201, question, QuestionsJson.Default.QuestionView);
    }

    public async Task AnswerAsync(HttpContext context, long id)
    {
        if (await ReadAsync(context) is not var (visitor, contribution))
        {
            return;
        }

        var (answer, refusal) = await board.AnswerAsync(id, contribution, visitor);
        if (answer is null)
        {
            await RefuseAsync(context, refusal!);
            return;
        }

        // Private: the hub gives it to those whom the policy lets have it.
        await AnnounceAsync(Update.Json(TopicOf(id), answer, QuestionsJson.Default.Answer) with { IsPrivate = true });
        await WriteAsync(context, 201, answer, QuestionsJson.Default.Answer);
    }

    public async Task FollowAsync(HttpContext context, long id, bool isFollowed)
    {
        var visitor = Visitors.Identify(context);
        if (!visitors.MayContribute(context, visitor))
        {
            await RefuseAsync(context, TooMany);
            return;
        }

        var (question, refusal) = await board.FollowAsync(id, visitor, isFollowed);
        await (question is null ? RefuseAsync(context, refusal!) : WriteAsync(context, 200, question, QuestionsJson.Default.QuestionView));
    }

    private static Refusal TooMany => new("That was a lot at once. Wait a few seconds.", "too-many");

    private async Task<(string Visitor, Contribution Contribution)?> ReadAsync(HttpContext context)
    {
        var visitor = Visitors.Identify(context);
        if (!visitors.MayContribute(context, visitor))
        {
            await RefuseAsync(context, TooMany);
            return null;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxBodyBytes;
        }

        try
        {
            // Only JSON: a page of another site cannot send it without being allowed to.
            if (context.Request.HasJsonContentType()
                && await context.Request.ReadFromJsonAsync(QuestionsJson.Default.Contribution, context.RequestAborted) is { } contribution)
            {
                return (visitor, contribution);
            }
        }
        catch (JsonException)
        {
            // Answered below.
        }

        await RefuseAsync(context, new Refusal("Send JSON: {\"text\": …, \"author\": …}.", "not-json"));
        return null;
    }

    // What is on the board is announced, whether or not the one who wrote it still waits.
    private async Task AnnounceAsync(Update update)
    {
        try
        {
            await channels.PublishAsync(update, CancellationToken.None);
        }
        catch (IOException exception)
        {
            QuestionsLog.NotAnnounced(logger, exception, update.Topics[0]);
        }
    }

    private static Task RefuseAsync(HttpContext context, Refusal refusal) => WriteAsync(
        context,
        refusal.Code switch { "unknown" => 404, "duplicate" => 409, "too-many" => 429, "full" or "not-written" => 503, _ => 400 },
        refusal,
        QuestionsJson.Default.Refusal,
        "application/problem+json");

    private static Task WriteAsync<T>(HttpContext context, int status, T value, JsonTypeInfo<T> type, string contentType = "application/json")
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(value, type, contentType, context.RequestAborted);
    }
}
