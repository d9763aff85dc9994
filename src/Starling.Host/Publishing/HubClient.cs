using System.Net;
using System.Text.Json;

namespace Starling.Host.Publishing;

/// <summary>Publishes to a hub, here or elsewhere.</summary>
internal sealed class HubClient(Uri hub) : IDisposable
{
    private readonly HttpClient _http = new();

    /// <summary>What tokens must name as their audience, as the hub's metadata say.</summary>
    public async Task<string> ResourceIdentifierAsync(CancellationToken cancellationToken)
    {
        var address = new Uri(hub, "/.well-known/oauth-protected-resource" + hub.AbsolutePath);
        using var response = await _http.GetAsync(address, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw new HttpRequestException($"There is no hub at {hub}: its metadata at {address} were answered with {(int)response.StatusCode}.");
        }

        using var metadata = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), default, cancellationToken);
        return metadata.RootElement.GetProperty("resource").GetString() ?? hub.AbsoluteUri;
    }

    /// <summary>Publishes one update.</summary>
    /// <returns>Its id.</returns>
    /// <exception cref="HttpRequestException">The hub refused it; the message says why.</exception>
    public async Task<string> PublishAsync(IEnumerable<KeyValuePair<string, string>> form, string token, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, hub) { Content = new FormUrlEncodedContent(form) };
        request.Headers.Authorization = new("Bearer", token);
        using var response = await _http.SendAsync(request, cancellationToken);
        var answer = await response.Content.ReadAsStringAsync(cancellationToken);
        return response.StatusCode == HttpStatusCode.OK
            ? answer
            : throw new HttpRequestException($"The hub refused the update with {(int)response.StatusCode}: {Reason(answer)}", null, response.StatusCode);
    }

    public void Dispose() => _http.Dispose();

    private static string Reason(string answer)
    {
        try
        {
            using var problem = JsonDocument.Parse(answer);
            var root = problem.RootElement;
            return root.TryGetProperty("detail", out var detail) || root.TryGetProperty("title", out detail) ? detail.GetString() ?? answer : answer;
        }
        catch (JsonException)
        {
            return answer;
        }
    }
}
