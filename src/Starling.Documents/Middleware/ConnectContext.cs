using Microsoft.AspNetCore.Http;

namespace Starling.Documents.Middleware;

/// <summary>A client connects.</summary>
public sealed class ConnectContext
{
    internal ConnectContext(DocumentSession session, HttpContext request)
    {
        Session = session;
        Request = request;
    }

    /// <summary>The client's session.</summary>
    public DocumentSession Session { get; }

    /// <summary>The request that became the connection; not to be used after the stage.</summary>
    public HttpContext Request { get; }
}
