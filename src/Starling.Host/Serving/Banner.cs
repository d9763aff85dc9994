namespace Starling.Host.Serving;

/// <summary>Says what is where once the server listens. Scripts read the line that begins with "Listening".</summary>
internal static class Banner
{
    public static void Write(TextWriter output, ICollection<string> urls)
    {
        var first = urls.First().Replace("[::]", "localhost", StringComparison.Ordinal).Replace("0.0.0.0", "localhost", StringComparison.Ordinal);
        output.WriteLine($"""
            Starling {typeof(Banner).Assembly.GetName().Version?.ToString(3)}
              Listening on {string.Join(", ", urls)}

              {first}/            all applications
              {first}/draw/       draw together
              {first}/editor/     write together
              {first}/questions/  ask, answer, follow
              {first}/ticker/     quotes, polled or streamed
              {first}/socket.io/  Socket.IO 5 (any client of version 3 or 4)
              {first}/.well-known/mercure  channels (Mercure): EventSource, polls, WebSocket
              {first}/healthz     liveness

            Press Ctrl+C to stop.
            """);
    }
}
