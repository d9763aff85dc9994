using System.CommandLine;
using System.CommandLine.Parsing;
using Starling.Host.Publishing;
using Starling.Host.Serving;

namespace Starling.Host.Commands;

/// <summary><c>starling publish TOPIC</c>: every line of standard input becomes an update.</summary>
internal static class PublishCommand
{
    private const string DefaultHub = "http://localhost:8080/.well-known/mercure";
    private const string TokenVariable = "STARLING_TOKEN";
    private const int Failed = 1;

    // Well before a token of our own ends.
    private static readonly TimeSpan TokenRenewal = TimeSpan.FromMinutes(4);

    public static Command Create()
    {
        var topic = new Argument<string>("topic") { Description = "The topic to publish to." };
        var hub = new Option<Uri>("--hub") { Description = "The hub's address.", HelpName = "url", DefaultValueFactory = _ => new Uri(DefaultHub), CustomParser = ParseHub };
        var token = new Option<string?>("--token") { Description = $"An access token; else {TokenVariable}, else one made with the key of the server on this machine.", HelpName = "jwt" };
        var data = new Option<string?>("--data") { Description = "The data folder of the server on this machine.", HelpName = "folder" };
        var isPrivate = new Option<bool>("--private") { Description = "Only for subscribers whose token allows them to read the topic." };
        var type = new Option<string?>("--type") { Description = "The event type; message if nothing is said.", HelpName = "name" };
        var command = new Command("publish", "Publish each line of standard input as an update of a topic.") { topic, hub, token, data, isPrivate, type };
        command.SetAction((parsed, cancellationToken) => RunAsync(
            new Request(
                parsed.GetRequiredValue(topic), parsed.GetRequiredValue(hub), parsed.GetValue(token) ?? Environment.GetEnvironmentVariable(TokenVariable),
                parsed.GetValue(data), parsed.GetValue(isPrivate), parsed.GetValue(type)),
            cancellationToken));
        return command;
    }

    private static Uri? ParseHub(ArgumentResult result)
    {
        if (Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out var hub) && (hub.Scheme is "http" or "https"))
        {
            return hub;
        }

        result.AddError($"'{result.Tokens[0].Value}' is no address of a hub; it should look like {DefaultHub}.");
        return null;
    }

    private static async Task<int> RunAsync(Request request, CancellationToken cancellationToken)
    {
        using var hub = new HubClient(request.Hub);
        var published = 0;
        try
        {
            var (token, issued) = (request.Token, DateTimeOffset.MaxValue);
            await foreach (var line in ConsoleLines.Read().ReadAllAsync(cancellationToken))
            {
                var now = DateTimeOffset.UtcNow;
                if (token is null || (issued != DateTimeOffset.MaxValue && now - issued > TokenRenewal))
                {
                    (token, issued) = (await IssueAsync(request, hub, now, cancellationToken), now);
                }

                await hub.PublishAsync(Form(request, line), token, cancellationToken);
                published++;
            }

            return 0;
        }
        catch (Exception exception) when (exception is HttpRequestException or InvalidOperationException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"{exception.Message} ({published} lines were published before.)");
            return Failed;
        }
    }

    private static async Task<string> IssueAsync(Request request, HubClient hub, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (!request.Hub.IsLoopback)
        {
            throw new InvalidOperationException($"Publishing to another machine needs an access token; give one with --token or {TokenVariable}.");
        }

        var key = new DataFolder(request.Data).ReadPublishingKey() ?? throw new InvalidOperationException(
            $"No server of this machine has left a key in {request.Data ?? DataFolder.DefaultPath}. Start one with 'starling serve', name its folder "
            + $"with --data, or give an access token with --token or {TokenVariable}.");
        return PublisherToken.Create(key, await hub.ResourceIdentifierAsync(cancellationToken), request.Topic, now);
    }

    private static List<KeyValuePair<string, string>> Form(Request request, string line)
    {
        List<KeyValuePair<string, string>> form = [new("topic", request.Topic), new("data", line)];
        if (request.IsPrivate)
        {
            form.Add(new("private", "on"));
        }

        if (request.Type is { } type)
        {
            form.Add(new("type", type));
        }

        return form;
    }

    private sealed record Request(string Topic, Uri Hub, string? Token, string? Data, bool IsPrivate, string? Type);
}
