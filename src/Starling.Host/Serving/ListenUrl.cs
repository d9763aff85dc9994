namespace Starling.Host.Serving;

/// <summary>Checks what the user gave as address to listen on, before the server starts.</summary>
internal static class ListenUrl
{
    /// <summary>What is wrong with an address, or null.</summary>
    public static string? Check(string url)
    {
        try
        {
            var address = BindingAddress.Parse(url);
            if (address.Scheme is not ("http" or "https"))
            {
                return $"'{url}' cannot be listened on: the scheme is {address.Scheme}; use http or https.";
            }

            return address.Port is >= 0 and <= 65535 || address.IsUnixPipe
                ? null
                : $"'{url}' cannot be listened on: a port is 0 to 65535.";
        }
        catch (FormatException)
        {
            return $"'{url}' is no address to listen on; it should look like http://localhost:8080.";
        }
    }
}
