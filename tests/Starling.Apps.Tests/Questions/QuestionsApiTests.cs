using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Starling.Apps.Questions;
using Starling.Server.Channels;

namespace Starling.Apps.Tests.Questions;

public sealed class QuestionsApiTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("starling-");
    private WebApplication _app = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddChannels();
        builder.Services.AddQuestions(Path.Combine(_folder.FullName, "questions.db"));
        _app = builder.Build();
        _app.MapChannels();
        _app.MapQuestions();
        _app.Urls.Add("http://127.0.0.1:0");
        await _app.StartAsync(Stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task The_hub_gives_answers_to_followers_only()
    {
        using var asker = Client();
        using var stranger = Client();
        using var asked = await asker.PostAsJsonAsync("/questions/api/questions", new { text = "Why?" }, Stop);
        var id = (await asked.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("id").GetInt64();
        using var answered = await asker.PostAsJsonAsync($"/questions/api/questions/{id}/answers", new { text = "Because." }, Stop);
        Assert.Equal(HttpStatusCode.Created, answered.StatusCode);

        Assert.Contains("Because.", await PollAsync(asker, $"match=/questions/all&match=/questions/{id}"), StringComparison.Ordinal);
        foreach (var query in new[]
        {
            $"match=/questions/{id}", $"match=/questions/all&match=/questions/{id}", "match=*", "match_urlpattern=*", "match_urlpattern=/questions/*",
            $"topic=/questions/{{id}}", $"topic=/questions/{id}", $"match_urlpattern=/questions/{id}",
        })
        {
            Assert.DoesNotContain("Because.", await PollAsync(stranger, query), StringComparison.Ordinal);
        }

        Assert.Contains("Why?", await PollAsync(stranger, "match=/questions/all"), StringComparison.Ordinal);
        Assert.DoesNotContain("Because.", await PollAsync(asker, "match_urlpattern=/questions/*"), StringComparison.Ordinal);
        using var followed = await stranger.PutAsync($"/questions/api/questions/{id}/follow", null, Stop);
        Assert.Contains("Because.", await PollAsync(stranger, $"match=/questions/{id}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_that_was_unfollowed_elsewhere_does_not_cost_the_answers_to_the_others()
    {
        using var asker = Client();
        using var reader = Client();
        var ids = new List<long>();
        foreach (var text in new[] { "One?", "Two?" })
        {
            using var asked = await asker.PostAsJsonAsync("/questions/api/questions", new { text }, Stop);
            ids.Add((await asked.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("id").GetInt64());
            using var answered = await asker.PostAsJsonAsync($"/questions/api/questions/{ids[^1]}/answers", new { text = "To " + text }, Stop);
        }

        using var followed = await reader.PutAsync($"/questions/api/questions/{ids[1]}/follow", null, Stop);
        var seen = await PollAsync(reader, $"match=/questions/all&match=/questions/{ids[0]}&match=/questions/{ids[1]}");

        Assert.Contains("To Two?", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("To One?", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Visitors_that_send_no_cookie_are_limited_by_their_address()
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false }) { BaseAddress = new Uri(_app.Urls.Single()) };
        var refused = 0;
        for (var i = 0; i < 300 && refused == 0; i++)
        {
            using var response = await http.PostAsJsonAsync("/questions/api/questions", new { text = $"Number {i}?" }, Stop);
            refused += response.StatusCode == HttpStatusCode.TooManyRequests ? 1 : 0;
        }

        Assert.Equal(1, refused);
    }

    [Fact]
    public async Task What_was_stored_is_announced_although_the_request_was_cut()
    {
        using var cut = new CancellationTokenSource();
        var announced = new Announcements();
        await using var board = new Board(Path.Combine(_folder.FullName, "cut.db"), new CuttingTime(cut), NullLogger<Board>.Instance);
        await using var visitors = new Visitors();
        var api = new QuestionsApi(board, visitors, announced, NullLogger<QuestionsApi>.Instance);
        var context = new DefaultHttpContext { RequestAborted = cut.Token };
        context.Request.Method = "POST";
        context.Request.ContentType = "application/json";
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes("""{"text":"Why?"}"""));

        await Record.ExceptionAsync(() => api.AskAsync(context));

        Assert.True(cut.IsCancellationRequested);
        Assert.Single(board.View("ada").Questions);
        Assert.Equal(QuestionsApi.AllTopic, Assert.Single(announced.Updates).Topics.Single());
    }

    private HttpClient Client() => new(new SocketsHttpHandler { CookieContainer = new CookieContainer() }) { BaseAddress = new Uri(_app.Urls.Single()) };

    private static Task<string> PollAsync(HttpClient client, string query) =>
        client.GetStringAsync($"/.well-known/mercure?{query}&poll&wait=0&cursor=earliest", Stop);

    /// <summary>Cuts the request when the board looks at the clock: between the reading of the request and the commit.</summary>
    private sealed class CuttingTime(CancellationTokenSource cut) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow()
        {
            cut.Cancel();
            return base.GetUtcNow();
        }
    }

    private sealed class Announcements : IChannelPublisher
    {
        public List<Update> Updates { get; } = [];

        public ValueTask<string> PublishAsync(Update update, CancellationToken cancellationToken = default)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Updates.Add(update);
            return new ValueTask<string>("id");
        }
    }
}
