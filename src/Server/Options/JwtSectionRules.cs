namespace CoEdit.Server;

/// <summary>What <c>CoEdit:Auth:Jwt</c> must fulfil. Only looked at when tokens are used.</summary>
internal static class JwtSectionRules
{
    public static void Check(AuthSection auth, Action<bool, string, string> require)
    {
        if (auth.Mode != AuthMode.Jwt)
            return;
        JwtSection jwt = auth.Jwt;
        require(jwt.Keys.Count > 0 || jwt.Authority is not null, "Auth:Jwt", "needs Keys or an Authority, or no token could be checked");
        require(!string.IsNullOrWhiteSpace(jwt.Audience), "Auth:Jwt:Audience", "must not be empty");
        require(jwt.Issuer is not "", "Auth:Jwt:Issuer", "must not be empty; leave it out to accept any issuer");
        require(jwt.Authority is null || OpenIdKeys.IsSafe(jwt.Authority, out _), "Auth:Jwt:Authority", "must be an https address (http only on this machine)");
        require(jwt.ClockSkew >= TimeSpan.Zero && jwt.ClockSkew <= TimeSpan.FromMinutes(10), "Auth:Jwt:ClockSkew", "must lie between 0 and 00:10:00");
        require(!string.IsNullOrWhiteSpace(jwt.UserClaim), "Auth:Jwt:UserClaim", "must not be empty");
        require(!string.IsNullOrWhiteSpace(jwt.NameClaim), "Auth:Jwt:NameClaim", "must not be empty");
        require(!string.IsNullOrWhiteSpace(jwt.RightsClaim), "Auth:Jwt:RightsClaim", "must not be empty");
        require(!string.IsNullOrWhiteSpace(jwt.AdminClaim), "Auth:Jwt:AdminClaim", "must not be empty");
        for (int index = 0; index < jwt.Keys.Count; index++)
        {
            try
            {
                SigningKey.From(jwt.Keys[index], jwt.Issuer);
            }
            catch (FormatException exception)
            {
                require(false, $"Auth:Jwt:Keys:{index}", exception.Message);
            }
        }
    }
}
